"""A few instruments, a room, a voice and a loudness meter, all in numpy.

Sounds are arrays of floats at 48 kHz; a mix is stereo, two rows.
"""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import signal
from scipy.io import wavfile
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

RATE = 48_000
Mono = np.ndarray
Stereo = np.ndarray


def hertz(midi: float) -> float:
    return 440.0 * 2 ** ((midi - 69) / 12)


def clock(seconds: float) -> Mono:
    return np.arange(round(seconds * RATE)) / RATE


def swell(sound: Mono, attack: float, release: float) -> Mono:
    """Fade in and out with half a cosine each."""
    shape = np.ones(len(sound))
    rise, fall = round(attack * RATE), round(release * RATE)
    shape[:rise] *= 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise))
    shape[len(shape) - fall :] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall))
    return sound * shape


def pad(midi: float, seconds: float, warmth: float = 1.6, seed: int = 0) -> Mono:
    """A slow chorus of partials, each drifting on its own."""
    t, dice = clock(seconds), np.random.default_rng(round(midi * 100) + seed)
    total = np.zeros(len(t))
    for partial in range(1, 9):
        for detune in (-0.0017, 0.0012):
            drift = 1 + 0.4 * np.sin(2 * np.pi * dice.uniform(0.05, 0.3) * t + dice.uniform(0, 6.28))
            phase = 2 * np.pi * hertz(midi) * partial * (1 + detune) * t + dice.uniform(0, 6.28)
            total += drift * np.sin(phase) / partial**warmth
    return swell(total * 0.12, min(1.8, seconds / 2.5), min(2.2, seconds / 2.5))


def bell(midi: float, seconds: float = 3.0, bright: float = 2.0) -> Mono:
    """One sine ringing inside another, dying away."""
    t, f = clock(seconds), hertz(midi)
    ring = np.sin(2 * np.pi * f * t + bright * np.exp(-4 * t) * np.sin(2 * np.pi * 3.01 * f * t))
    return swell(ring * np.exp(-2.2 * t) * 0.35, 0.004, 0.3)


def pluck(midi: float, seconds: float = 2.5, seed: int = 0) -> Mono:
    """A string: a burst of noise going round a loop that dulls it a little each time."""
    period = round(RATE / hertz(midi))
    burst = np.zeros(round(seconds * RATE))
    burst[:period] = gaussian_filter1d(np.random.default_rng(seed + round(midi)).uniform(-1, 1, period), 3)
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1, -0.498, -0.498
    return swell(signal.lfilter([1.0], loop, burst) * 0.6, 0.003, 0.4)


def hush(seconds: float, low: float, high: float, seed: int = 0) -> Mono:
    """Noise in a band: wind, water, air."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return signal.sosfilt(signal.butter(2, [low, high], "band", fs=RATE, output="sos"), noise) * 0.2


class Mix:
    def __init__(self, seconds: float) -> None:
        self.tracks = np.zeros((2, round(seconds * RATE)))

    def add(self, sound: Mono, at: float = 0.0, gain: float = 1.0, pan: float = 0.0) -> None:
        """Pan runs from -1 (left) to 1 (right) at constant power; what overhangs the end is cut."""
        first = round(at * RATE)
        kept = sound[: max(0, self.tracks.shape[1] - first)] * gain
        angle = (pan + 1) * np.pi / 4
        self.tracks[0, first : first + len(kept)] += kept * np.cos(angle)
        self.tracks[1, first : first + len(kept)] += kept * np.sin(angle)

    def room(self, seconds: float, wet: float, seed: int = 7) -> Stereo:
        """The mix as heard in a room whose echo takes that long to fade."""
        t = clock(seconds)
        dice = np.random.default_rng(seed)
        dark = signal.butter(1, [180, 4200], "band", fs=RATE, output="sos")
        echo = [
            signal.sosfilt(dark, dice.standard_normal(len(t)) * np.exp(-6.9 * t / seconds)) for _ in range(2)
        ]
        heard = [
            signal.fftconvolve(dry, e / np.sqrt(np.sum(e**2)))[: len(dry)]
            for dry, e in zip(self.tracks, echo)
        ]
        return self.tracks * (1 - wet * 0.3) + np.array(heard) * wet


def master(mix: Stereo, fade: float = 1.5, loudness: float = -17.0, ceiling: float = 0.78) -> Stereo:
    """Bring a mix to its loudness (LUFS), with peaks held under the ceiling and a fade at the end."""
    mix = np.array([swell(track, 0.02, fade) for track in mix])
    for _ in range(2):
        mix = limit(mix * 10 ** ((loudness - measured(mix)) / 20), ceiling)
    return mix


def limit(mix: Stereo, ceiling: float) -> Stereo:
    needed = np.minimum(1, ceiling / np.maximum(np.abs(mix).max(axis=0), 1e-9))
    return mix * gaussian_filter1d(minimum_filter1d(needed, 961), 160, truncate=3)


def measured(mix: Stereo) -> float:
    """Integrated loudness by ffmpeg's EBU R128 meter."""
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch, "mix.wav")
        write_wav(wav, mix / max(1.0, np.abs(mix).max()))
        report = subprocess.run(
            ["ffmpeg", "-i", wav, "-af", "ebur128", "-f", "null", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", report)[-1]) + 20 * np.log10(max(1.0, np.abs(mix).max()))


def write_wav(path: Path, mix: Stereo) -> None:
    wavfile.write(path, RATE, (np.clip(mix, -1, 1).T * 32767).astype(np.int16))


@dataclass(frozen=True)
class Spoken:
    """A phrase read aloud, and when each of its words begins."""

    sound: Mono
    seconds: float
    words: list[tuple[float, str]]


def say(phrase: str, voice: str, stretch: float = 1.0) -> Spoken:
    """Read a phrase with flite; words are timed by counting the sounds each one is made of."""
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch, "voice.wav")
        phones = timed_phones(phrase, voice, stretch, wav)
        rate, samples = wavfile.read(wav)
        begun, words = 0, []
        for word in phrase.split():
            words.append((phones[begun][0], word))
            begun += len(timed_phones(word, voice, stretch, Path(scratch, "word.wav")))
    if begun != len(phones):
        raise SystemExit(f"the words of {phrase!r} sound different alone: {begun} sounds, not {len(phones)}")
    start, end = phones[0][0], phones[-1][1]
    clear = signal.sosfilt(signal.butter(2, 90, "high", fs=rate, output="sos"), samples / 32768)
    clear = clear[max(0, round((start - 0.03) * rate)) : round((end + 0.08) * rate)]
    offset = max(0.0, start - 0.03)
    return Spoken(
        swell(signal.resample_poly(clear, RATE, rate), 0.01, 0.03),
        end - offset,
        [(at - offset, word) for at, word in words],
    )


def timed_phones(text: str, voice: str, stretch: float, wav: Path) -> list[tuple[float, float]]:
    """Start and end of every sound of a text, pauses left out."""
    report = subprocess.run(
        ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text, "-o", wav],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    marks = [(name, float(end)) for name, end in re.findall(r"(\S+):([\d.]+)", report)]
    starts = [0.0] + [end for _, end in marks]
    return [(start, end) for start, (name, end) in zip(starts, marks) if name != "pau"]

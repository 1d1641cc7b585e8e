/**
 * The page around an embed may command the player and hear what it does (docs/embed.md):
 * `{ tubegen: 1, id, method, value }` in, `{ tubegen: 1, id, value | error }` and `{ tubegen: 1, event, value }` out.
 */

import { captionTracks } from './captions';
import type { Engine } from './engine';

interface Call {
  readonly tubegen: 1;
  readonly id?: unknown;
  readonly method: string;
  readonly value?: unknown;
}

type Methods = Readonly<Record<string, (value: unknown) => unknown>>;

interface Choosable extends HTMLVideoElement {
  readonly videoRenditions?: { readonly height: number }[] & { selectedIndex: number };
}

/** `engine` is absent before the start, and where the browser plays by itself. */
export function listenToParent(video: HTMLVideoElement, engine: () => Engine | undefined): void {
  const { parent } = window;
  if (parent === window) return;
  const tell = (message: object) => parent.postMessage({ tubegen: 1, ...message }, '*');
  const known = methods(video, engine);
  addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source !== parent || !isCall(data)) return;
    const { id, method, value } = data;
    try {
      const action = Object.hasOwn(known, method) ? known[method] : undefined;
      if (!action) throw new Error(`There is no method ${method}`);
      tell({ id, value: action(value) ?? null });
    } catch (error) {
      tell({ id, error: `${(error as Error).message}` });
    }
  });
  const state = () => ({
    time: video.currentTime,
    duration: duration(video),
    playing: !video.paused,
    volume: video.volume,
    muted: video.muted,
    rate: video.playbackRate,
  });
  for (const event of ['play', 'pause', 'ended', 'seeked', 'timeupdate', 'volumechange', 'ratechange'])
    video.addEventListener(event, () => tell({ event, value: state() }));
  tell({ event: 'ready', value: state() });
}

function isCall(data: unknown): data is Call {
  const call = data as Partial<Call> | null;
  return typeof call === 'object' && call?.tubegen === 1 && typeof call.method === 'string';
}

function methods(video: Choosable, engine: () => Engine | undefined): Methods {
  const startButton = () => video.parentElement?.querySelector<HTMLButtonElement>('.player-start');
  const renditions = () => video.videoRenditions ?? [];
  return {
    play: () => {
      const button = startButton();
      if (button) button.click();
      else void video.play().catch(() => undefined);
    },
    pause: () => video.pause(),
    seek: (value) => {
      video.currentTime = Math.max(0, number(value));
    },
    isPlaying: () => !video.paused,
    getCurrentTime: () => video.currentTime,
    getDuration: () => duration(video),
    getVolume: () => video.volume,
    setVolume: (value) => {
      video.volume = Math.min(1, Math.max(0, number(value)));
    },
    setMuted: (value) => {
      video.muted = Boolean(value);
    },
    getPlaybackRate: () => video.playbackRate,
    setPlaybackRate: (value) => {
      video.playbackRate = number(value);
    },
    getResolutions: () => renditions().map(({ height }) => height),
    setResolution: (value) => {
      if (video.videoRenditions) video.videoRenditions.selectedIndex = renditions().findIndex(({ height }) => height === value);
    },
    getSounds: () => (engine()?.sounds ?? []).map(({ language, name }) => ({ language, label: name, playing: engine()?.sound?.name === name })),
    setSound: (value) => {
      const sounds = engine()?.sounds ?? [];
      const sound = sounds.find(({ name }) => name === value) ?? sounds.find(({ language }) => language === value);
      if (sound) engine()?.chooseSound(sound);
    },
    getCaptions: () => captionTracks(video).map(({ language, label, mode }) => ({ language, label, shown: mode === 'showing' })),
    setCaptions: (value) => {
      for (const track of captionTracks(video)) track.mode = track.language === value ? 'showing' : 'disabled';
    },
  };
}

/** Before the first play only the page knows how long the video is. */
function duration(video: HTMLVideoElement): number {
  return video.duration || Number(JSON.parse(video.dataset['player'] ?? '{}').duration) || 0;
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('value must be a number');
  return value;
}

/**
 * Plays HLS through Media Source Extensions. What plays it is a `Run`: hls.js alone, or hls.js with other viewers
 * (`p2p/`). A run that fails is replaced where the viewer is: by one without viewers, that by the MP4.
 */

import Hls, { ErrorTypes, Events, type Fragment, type HlsConfig, type Level as HlsLevel } from 'hls.js';

import { playable } from './encodings';
import { failoverLoader } from './failover';
import { playFile, playhead } from './file';
import { startLevel, viewing, type Level } from './levels';
import type { PeersFactory } from './p2p/peers';
import { prefetchedLoader } from './prefetch';
import { same, startSound, type ListedSound, type Sound } from './sounds';
import { Sources } from './sources';
import { Traffic } from './traffic';

export interface EngineConfig {
  /** Address of the master playlist. */
  readonly playlist: string;
  /** Address of the file to fall back to. */
  readonly mp4: string | undefined;
  /** Seconds. */
  readonly startTime: number;
  /** Bits per second measured at the last visit; 0 when unknown. */
  readonly bandwidth: number;
  /** Height the viewer has chosen; 0 for automatic. */
  readonly height: number;
  /** The track of sound that the viewer has chosen. */
  readonly sound: Sound;
  /** Addresses of folders that have the same files as that of the playlist. */
  readonly mirrors: readonly string[];
}

export interface EngineEvents {
  /** The renditions are known. */
  readonly levels: readonly Level[];
  /** The tracks of sound are known: none when there is one alone, in the renditions. */
  readonly sounds: readonly Sound[];
  /** Another track of sound plays. */
  readonly sound: Sound;
  /** A piece of video has arrived; bits per second estimated so far. */
  readonly bandwidth: number;
  /** The engine has given up and the MP4 plays; why, for the console. */
  readonly fallback: string;
}

export interface Engine {
  /** One per height, smallest first; empty until the `levels` event. */
  readonly levels: readonly Level[];
  /** By name; empty when there is one alone, and until the `sounds` event. */
  readonly sounds: readonly Sound[];
  /** That which plays; undefined when there is one alone. */
  readonly sound: Sound | undefined;
  readonly traffic: Traffic;
  /** What plays at the moment; undefined when that is the MP4. */
  readonly playing: Playing | undefined;
  attach(video: HTMLVideoElement): void;
  /** `0` for automatic. */
  chooseHeight(height: number): void;
  chooseSound(sound: Sound): void;
  /** With these from now on; without anybody when undefined. */
  share(peers: PeersFactory | undefined): void;
  on<E extends keyof EngineEvents>(event: E, listener: (detail: EngineEvents[E]) => void): void;
}

/** What the panel tells of it. */
export interface Playing {
  /** Whether other viewers may be asked. */
  readonly shared: boolean;
  /** RFC 6381, as far as the playlist tells. */
  readonly codecs: string;
  /** Bits per second of the rendition; 0 before the first. */
  readonly bitrate: number;
  /** Of the line to the hosts in bits per second; 0 when unknown. */
  readonly bandwidth: number;
}

/** What plays at the moment. */
export interface Run {
  readonly hls: Hls;
  /** Bytes that have come from hosts; undefined when the fragment that loads tells. */
  arrived?(): number | undefined;
  /** Of the line to the hosts in bits per second, 0 when unknown, where hls.js would count viewers in. */
  bandwidth?(): number;
  /** Stops or goes on exchanging with others. */
  exchange?(on: boolean): void;
}

const PATIENCE_MS = 8000;

export function createEngine(config: EngineConfig): Engine {
  const listeners: { [E in keyof EngineEvents]?: ((detail: EngineEvents[E]) => void)[] } = {};
  const emit = <E extends keyof EngineEvents>(event: E, detail: EngineEvents[E]) =>
    listeners[event]?.forEach((listener) => listener(detail));
  const sources = new Sources(config.playlist, config.mirrors);
  const traffic = new Traffic();
  const { loader } = Hls.DefaultConfig;
  const options: Partial<HlsConfig> = {
    autoStartLoad: false,
    backBufferLength: 30,
    capLevelToPlayerSize: true,
    ...(config.bandwidth && { abrEwmaDefaultEstimate: config.bandwidth }),
    loader: prefetchedLoader(sources.mirrored ? failoverLoader(loader, sources) : loader),
  };
  let levels: readonly Level[] = [];
  let { height, sound: wish } = config;
  let sounds: readonly ListedSound[] = [];
  let sound: Sound | undefined;
  let peers: PeersFactory | undefined;
  let element: HTMLVideoElement | undefined;
  let run: Run | undefined;
  let stop = () => {};

  const begin = (video: HTMLVideoElement, startTime: number) => {
    const started = peers?.(Hls, options, sources, traffic) ?? alone(options, traffic);
    const shared = Boolean(started.exchange);
    const giveUp = (reason: string) => {
      stopWatching();
      if (!shared) return fallBack(video, reason, startTime);
      console.warn(`Going on without other viewers: ${reason}`);
      peers = undefined;
      replace(video, startTime);
    };
    const { hls } = started;
    const stopWatching = watchProgress(started, video, giveUp);
    stop = () => {
      stopWatching();
      hls.destroy();
      traffic.peers = 0;
    };
    run = started;
    recoverOrGiveUp(hls, video, giveUp);
    hls.on(Events.MANIFEST_PARSED, async () => {
      const first = levels.length === 0;
      await leaveOneOfEach(hls);
      if (run !== started) return;
      levels = onePerHeight(hls.levels);
      const start = startLevel(hls.levels, viewing(video, { ...config, height }));
      hls.startLevel = start ? hls.levels.indexOf(start) : 0;
      sounds = listed(hls);
      const beginning = startSound(sounds, wish);
      if (beginning) playSound(beginning);
      if (first) {
        emit('levels', levels);
        emit('sounds', sounds);
      }
      if (levels.some((level) => level.height === height)) apply(height);
      hls.startLoad(startTime || -1);
    });
    hls.on(Events.FRAG_BUFFERED, () => emit('bandwidth', started.bandwidth?.() ?? hls.bandwidthEstimate));
    hls.loadSource(config.playlist);
    hls.attachMedia(video);
  };

  const apply = (wanted: number) => {
    if (!run) return;
    const { hls } = run;
    hls.nextLevel = hls.levels.findIndex((level) => level.height === wanted);
  };

  const playSound = (wanted: Sound) => {
    sound = wanted;
    run?.hls.setAudioOption({ name: wanted.name, ...(wanted.language && { lang: wanted.language }) });
    emit('sound', wanted);
  };

  const where = (video: HTMLVideoElement, startTime: number) => ({
    ...playhead(video),
    ...(video.readyState === 0 && { time: startTime }),
  });

  const replace = (video: HTMLVideoElement, startTime: number) => {
    const { time, playing } = where(video, startTime);
    stop();
    begin(video, time);
    if (playing) void video.play().catch(() => undefined);
  };

  const fallBack = (video: HTMLVideoElement, reason: string, startTime: number) => {
    const was = where(video, startTime);
    stop();
    run = undefined;
    if (config.mp4) playFile(video, config.mp4, was);
    emit('fallback', reason);
  };

  return {
    get levels() {
      return levels;
    },
    get sounds() {
      return sounds;
    },
    get sound() {
      return sound;
    },
    traffic,
    get playing() {
      return run && playing(run, Boolean(peers));
    },
    attach: (video) => {
      element = video;
      begin(video, config.startTime);
      offerAirPlay(() => run?.hls, video, config.playlist);
    },
    chooseHeight: (wanted) => apply((height = wanted)),
    chooseSound: (wanted) => playSound((wish = wanted)),
    share: (wanted) => {
      const known = peers;
      peers = wanted;
      if (!element || !run) return;
      if (run.exchange) run.exchange(Boolean(wanted));
      else if (wanted && wanted !== known) replace(element, config.startTime);
    },
    on: (event, listener) => {
      ((listeners[event] ??= []) as unknown[]).push(listener);
    },
  };
}

function alone(options: Partial<HlsConfig>, traffic: Traffic): Run {
  const hls = new Hls({ ...options, maxBufferLength: 30 });
  hls.on(Events.FRAG_LOADED, (_, { frag }) => (traffic.hosts += frag.stats.loaded));
  return { hls };
}

function playing({ hls, exchange, bandwidth }: Run, wanted: boolean): Playing {
  const level = hls.levels[hls.currentLevel];
  return {
    shared: wanted && Boolean(exchange),
    codecs: [level?.videoCodec, level?.audioCodec].filter(Boolean).join(', '),
    bitrate: level?.bitrate ?? 0,
    bandwidth: bandwidth ? bandwidth() : hls.bandwidthEstimate,
  };
}

/** The ladder may change the codec on the way up, which hls.js would not do by itself. */
async function leaveOneOfEach(hls: Hls): Promise<void> {
  const described = hls.levels.map((level) => ({
    level,
    width: level.width,
    height: level.height,
    bitrate: level.maxBitrate,
    frameRate: level.frameRate,
    videoCodec: level.videoCodec ?? '',
    range: level.videoRange,
  }));
  const left = new Set((await playable(described)).map(({ level }) => level));
  for (const { level } of described) if (!left.has(level)) hls.removeLevel(hls.levels.indexOf(level));
  const [first] = hls.levels;
  for (const level of hls.levels) Object.assign(level, { codecSet: first?.codecSet });
}

/** Each track once, though it stands in several groups. */
function listed(hls: Hls): ListedSound[] {
  const sounds = hls.allAudioTracks.map((track) => ({ language: track.lang ?? '', name: track.name, usual: track.default }));
  return sounds.filter((sound, n) => sounds.findIndex((other) => same(sound, other)) === n);
}

function onePerHeight(levels: readonly HlsLevel[]): Level[] {
  const heights = [...new Set(levels.map(({ height }) => height))].sort((a, b) => a - b);
  return heights.flatMap((height) => levels.find((level) => level.height === height) ?? []);
}

/** Wanting to play for eight seconds while nothing arrives: something is silently stuck. */
function watchProgress({ hls, arrived: fromHosts }: Run, video: HTMLVideoElement, giveUp: (reason: string) => void): () => void {
  let timer = 0;
  // Sound may come in fragments of its own.
  const loading = new Set<Fragment>();
  let arrived = 0;
  let seen = 0;
  const bytes = () => arrived + (fromHosts?.() ?? [...loading].reduce((sum, frag) => sum + frag.stats.loaded, 0));
  const look = () => {
    if (bytes() <= seen && navigator.onLine) return giveUp('nothing has arrived for eight seconds');
    seen = bytes();
    timer = setTimeout(look, PATIENCE_MS);
  };
  const rest = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const watch = () => {
    if (timer || video.paused) return;
    seen = bytes();
    timer = setTimeout(look, PATIENCE_MS);
  };
  hls.on(Events.FRAG_LOADING, (_, { frag }) => loading.add(frag));
  hls.on(Events.FRAG_BUFFERED, (_, { frag }) => {
    arrived += frag.stats.loaded;
    loading.delete(frag);
  });
  hls.on(Events.ERROR, () => {
    loading.clear();
    if (fromHosts?.() === undefined) seen = Math.min(seen, arrived);
  });
  for (const event of ['play', 'waiting']) video.addEventListener(event, watch);
  for (const event of ['playing', 'pause']) video.addEventListener(event, rest);
  return () => {
    rest();
    for (const event of ['play', 'waiting']) video.removeEventListener(event, watch);
  };
}

function recoverOrGiveUp(hls: Hls, video: HTMLVideoElement, giveUp: (reason: string) => void): void {
  let recovered = false;
  hls.on(Events.ERROR, (_, { fatal, type, details, error }) => {
    if (!fatal) return;
    if (type === ErrorTypes.NETWORK_ERROR && !navigator.onLine) {
      addEventListener('online', () => hls.startLoad(video.currentTime), { once: true });
    } else if (type === ErrorTypes.MEDIA_ERROR && !recovered) {
      recovered = true;
      hls.recoverMediaError();
    } else {
      giveUp(`${details}: ${error.message}`);
    }
  });
}

interface AirPlayVideo extends HTMLVideoElement {
  readonly webkitCurrentPlaybackTargetIsWireless?: boolean;
}

/** A managed media source cannot be sent to a television; a playlist beside it can. */
function offerAirPlay(hls: () => Hls | undefined, video: AirPlayVideo, playlist: string): void {
  if (!('ManagedMediaSource' in globalThis)) return;
  hls()?.once(Events.MEDIA_ATTACHED, () => {
    const source = document.createElement('source');
    source.type = 'application/x-mpegURL';
    source.src = playlist;
    video.append(source);
    video.disableRemotePlayback = false;
  });
  video.addEventListener('webkitcurrentplaybacktargetiswirelesschanged', () => {
    if (video.webkitCurrentPlaybackTargetIsWireless) hls()?.stopLoad();
    else hls()?.startLoad(video.currentTime);
  });
}

/**
 * Plays HLS through Media Source Extensions; the only module that knows hls.js.
 *
 * `createEngine` is an `EngineFactory`. A peer-to-peer engine is another factory with the same handle:
 * it wraps the class given to `hlsEngine` and adds its own configuration, and nobody else notices.
 */

import Hls, { ErrorTypes, Events, type Fragment, type HlsConfig, type Level as HlsLevel } from 'hls.js';

import { playFile, playhead } from './file';
import { startLevel, viewing, type Level } from './levels';

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
}

export interface EngineEvents {
  /** The renditions are known. */
  readonly levels: readonly Level[];
  /** A piece of video has arrived; bits per second estimated so far. */
  readonly bandwidth: number;
  /** The engine has given up and the MP4 plays; why, for the console. */
  readonly fallback: string;
}

export interface Engine {
  /** One per height, smallest first; empty until the `levels` event. */
  readonly levels: readonly Level[];
  attach(video: HTMLVideoElement): void;
  /** `0` for automatic. */
  chooseHeight(height: number): void;
  on<E extends keyof EngineEvents>(event: E, listener: (detail: EngineEvents[E]) => void): void;
  destroy(): void;
}

export type EngineFactory = (config: EngineConfig) => Engine;

const PATIENCE_MS = 8000;

export const createEngine: EngineFactory = (config) => hlsEngine(Hls, {}, config);

export function hlsEngine(HlsClass: typeof Hls, extra: Partial<HlsConfig>, config: EngineConfig): Engine {
  const hls = new HlsClass({
    autoStartLoad: false,
    backBufferLength: 30,
    maxBufferLength: 30,
    capLevelToPlayerSize: true,
    ...(config.bandwidth && { abrEwmaDefaultEstimate: config.bandwidth }),
    ...extra,
  });
  const listeners: { [E in keyof EngineEvents]?: ((detail: EngineEvents[E]) => void)[] } = {};
  const emit = <E extends keyof EngineEvents>(event: E, detail: EngineEvents[E]) =>
    listeners[event]?.forEach((listener) => listener(detail));
  let levels: readonly Level[] = [];

  const chooseHeight = (height: number) => {
    const same = hls.levels.filter((level) => level.height === height);
    const now = hls.levels[hls.currentLevel]?.codecSet;
    const choice = same.find((level) => level.codecSet === now) ?? same[0];
    hls.nextLevel = choice ? hls.levels.indexOf(choice) : -1;
  };

  const attach = (video: HTMLVideoElement) => {
    const giveUp = (reason: string) => {
      stopWatching();
      const was = { ...playhead(video), ...(video.readyState === 0 && { time: config.startTime }) };
      hls.destroy();
      if (config.mp4) playFile(video, config.mp4, was);
      emit('fallback', reason);
    };
    const stopWatching = watchProgress(hls, video, giveUp);
    recoverOrGiveUp(hls, video, giveUp);
    offerAirPlay(hls, video, config.playlist);
    hls.on(Events.MANIFEST_PARSED, () => {
      levels = onePerHeight(hls.levels);
      const start = startLevel(hls.levels, viewing(video, config));
      hls.startLevel = start ? hls.levels.indexOf(start) : 0;
      emit('levels', levels);
      if (levels.some(({ height }) => height === config.height)) chooseHeight(config.height);
      hls.startLoad(config.startTime || -1);
    });
    hls.on(Events.FRAG_BUFFERED, () => emit('bandwidth', hls.bandwidthEstimate));
    hls.loadSource(config.playlist);
    hls.attachMedia(video);
  };

  return {
    get levels() {
      return levels;
    },
    attach,
    chooseHeight,
    on: (event, listener) => {
      ((listeners[event] ??= []) as unknown[]).push(listener);
    },
    destroy: () => hls.destroy(),
  };
}

function onePerHeight(levels: readonly HlsLevel[]): Level[] {
  const heights = [...new Set(levels.map(({ height }) => height))].sort((a, b) => a - b);
  return heights.flatMap((height) => levels.find((level) => level.height === height) ?? []);
}

/** Wanting to play for eight seconds while nothing arrives: something is silently stuck. */
function watchProgress(hls: Hls, video: HTMLVideoElement, giveUp: (reason: string) => void): () => void {
  let timer = 0;
  let loading: Fragment | undefined;
  let arrived = 0;
  let seen = 0;
  const bytes = () => arrived + (loading?.stats.loaded ?? 0);
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
  hls.on(Events.FRAG_LOADING, (_, { frag }) => (loading = frag));
  hls.on(Events.FRAG_BUFFERED, (_, { frag }) => {
    arrived += frag.stats.loaded;
    loading = undefined;
  });
  hls.on(Events.ERROR, () => {
    loading = undefined;
    seen = Math.min(seen, arrived);
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
function offerAirPlay(hls: Hls, video: AirPlayVideo, playlist: string): void {
  if (!('ManagedMediaSource' in globalThis)) return;
  hls.once(Events.MEDIA_ATTACHED, () => {
    const source = document.createElement('source');
    source.type = 'application/x-mpegURL';
    source.src = playlist;
    video.append(source);
    video.disableRemotePlayback = false;
  });
  video.addEventListener('webkitcurrentplaybacktargetiswirelesschanged', () => {
    if (video.webkitCurrentPlaybackTargetIsWireless) hls.stopLoad();
    else hls.startLoad(video.currentTime);
  });
}

/** Speed, quality, volume, captions and the like as the viewer last chose them, for every video of the site. */

import type { Sound } from './sounds';
import { recall, remember } from './storage';

const KEY = 'tubegen:preferences';

/** Names of choices (captionlook.ts); empty or absent for the system's own. */
export interface CaptionLook {
  readonly size?: string;
  readonly colour?: string;
  readonly background?: string;
  readonly font?: string;
}

export interface Preferences {
  readonly speed: number;
  readonly volume: number;
  readonly muted: boolean;
  /** Language of the captions; empty when they are off. */
  readonly captions: string;
  readonly captionLook: CaptionLook;
  /** The chosen track of sound; empty when none was chosen. */
  readonly sound: Sound;
  /** Height of the chosen rendition; 0 for automatic. */
  readonly height: number;
  /** Bits per second measured at the last visit; 0 when unknown. */
  readonly bandwidth: number;
  /** Whether keys work while nothing on the page has the focus. */
  readonly keysEverywhere: boolean;
  /** Whether the next video of a playlist begins by itself. */
  readonly playNext: boolean;
  /** Whether the player takes the whole window. */
  readonly theatre: boolean;
}

const DEFAULTS: Preferences = {
  speed: 1,
  volume: 1,
  muted: false,
  captions: '',
  captionLook: {},
  sound: { language: '', name: '' },
  height: 0,
  bandwidth: 0,
  keysEverywhere: true,
  playNext: false,
  theatre: false,
};

export function preferences(): Preferences {
  return { ...DEFAULTS, ...recall<Preferences>(KEY) };
}

export function prefer(changes: Partial<Preferences>): void {
  remember(KEY, { ...recall<Preferences>(KEY), ...changes });
}

/** Applies the remembered speed and volume, or what the address asks for once; then remembers every change. */
export function keepSpeedAndVolume(video: HTMLVideoElement, wished: { readonly muted: boolean; readonly rate: number }): void {
  const { speed, volume, muted } = preferences();
  // A new source resets the rate to the default rate.
  video.defaultPlaybackRate = video.playbackRate = wished.rate || speed;
  video.volume = volume;
  video.muted = muted || wished.muted;
  let known = video.muted;
  video.addEventListener('ratechange', () => {
    // Loading resets the rate as well; only the rate of something loaded is a choice.
    if (video.readyState > 0) prefer({ speed: (video.defaultPlaybackRate = video.playbackRate) });
  });
  video.addEventListener('volumechange', () => {
    prefer({ volume: video.volume, ...(video.muted !== known && { muted: video.muted }) });
    known = video.muted;
  });
}

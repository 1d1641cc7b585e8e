/** Speed, quality, volume and captions as the viewer last chose them, for every video of the site. */

import { recall, remember } from './storage';

const KEY = 'tubegen:preferences';

export interface Preferences {
  readonly speed: number;
  readonly volume: number;
  readonly muted: boolean;
  /** Language of the captions; empty when they are off. */
  readonly captions: string;
  /** Height of the chosen rendition; 0 for automatic. */
  readonly height: number;
  /** Bits per second measured at the last visit; 0 when unknown. */
  readonly bandwidth: number;
  /** Whether keys work while nothing on the page has the focus. */
  readonly keysEverywhere: boolean;
}

const DEFAULTS: Preferences = {
  speed: 1,
  volume: 1,
  muted: false,
  captions: '',
  height: 0,
  bandwidth: 0,
  keysEverywhere: true,
};

export function preferences(): Preferences {
  return { ...DEFAULTS, ...recall<Preferences>(KEY) };
}

export function prefer(changes: Partial<Preferences>): void {
  remember(KEY, { ...recall<Preferences>(KEY), ...changes });
}

/** Applies the remembered speed and volume, then remembers every change. */
export function keepSpeedAndVolume(video: HTMLVideoElement): void {
  const { speed, volume, muted } = preferences();
  // A new source resets the rate to the default rate.
  video.defaultPlaybackRate = video.playbackRate = speed;
  video.volume = volume;
  video.muted = muted;
  video.addEventListener('ratechange', () => {
    // Loading resets the rate as well; only the rate of something loaded is a choice.
    if (video.readyState > 0) prefer({ speed: (video.defaultPlaybackRate = video.playbackRate) });
  });
  video.addEventListener('volumechange', () => prefer({ volume: video.volume, muted: video.muted }));
}

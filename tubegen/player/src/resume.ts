/** Goes on where the viewer left, per video, for thirty days. */

import { recall, remember } from './storage';

const KEY = 'tubegen:positions';
const KEPT_MS = 30 * 24 * 3600 * 1000;
const BEGINNING_S = 5;
const ENDING = 0.95;
const SAVED_EVERY_S = 5;

type Positions = Record<string, readonly [seconds: number, savedAt: number]>;

function positions(): Positions {
  const oldest = Date.now() - KEPT_MS;
  return Object.fromEntries(
    Object.entries(recall<Positions>(KEY)).filter(([, entry]) => Array.isArray(entry) && entry[1] > oldest),
  ) as Positions;
}

export function lastPosition(id: string, duration: number): number {
  const seconds = positions()[id]?.[0] ?? 0;
  return worthKeeping(seconds, duration) ? seconds : 0;
}

function worthKeeping(seconds: number, duration: number): boolean {
  return seconds >= BEGINNING_S && !(seconds > duration * ENDING);
}

export function keepPosition(video: HTMLVideoElement, id: string): void {
  let saved = video.currentTime;
  const save = () => {
    const { currentTime, duration } = video;
    // An engine that is being replaced has no duration: what was saved before stays.
    if (!duration) return;
    saved = currentTime;
    const { [id]: _, ...others } = positions();
    remember(KEY, worthKeeping(currentTime, duration) ? { ...others, [id]: [Math.floor(currentTime), Date.now()] } : others);
  };
  video.addEventListener('timeupdate', () => {
    if (Math.abs(video.currentTime - saved) >= SAVED_EVERY_S) save();
  });
  video.addEventListener('pause', save);
  video.addEventListener('ended', save);
  addEventListener('pagehide', save);
}

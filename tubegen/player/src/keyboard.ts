/**
 * Keys. They work while the focus is in the player and, unless the viewer turns that off in the help,
 * while nothing on the page has it; keys that scroll a page do so as long as the player has not got the focus.
 */

import type { Controls } from './controls';
import { preferences } from './preferences';
import type { Strings } from './strings';

const STEP_S = 5;
const FAR_STEP_S = 10;
const VOLUME_STEP = 0.05;
const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const PAGE_KEYS = ['ArrowUp', 'ArrowDown', 'Home', 'End'];

export interface Actions {
  readonly strings: Strings;
  /** Pictures a second. */
  readonly rate: number;
  seek(time: number): void;
  notify(text: string): void;
  help(): void;
  loop(): boolean;
  theatre: (() => void) | undefined;
  previous(): void;
  next(): void;
}

export function listenToKeys(video: HTMLVideoElement, controls: Controls, actions: Actions): void {
  const keys = bindings(video, controls, actions);
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const path = event.composedPath() as Element[];
    const inside = path.includes(controls.frame) || document.fullscreenElement === controls.frame;
    if (!inside && !onPage(event, video)) return;
    if (path.some((element) => usesKey(element, event.key))) return;
    const action = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
    controls.wake();
  });
}

/** Nothing has the focus, the viewer wants keys there, and the page does not need this one for itself. */
function onPage({ target, key }: KeyboardEvent, video: HTMLVideoElement): boolean {
  if (target !== document.body || !preferences().keysEverywhere || PAGE_KEYS.includes(key)) return false;
  if (key !== ' ') return true;
  const { top, bottom } = video.getBoundingClientRect();
  const middle = (top + bottom) / 2;
  return middle > 0 && middle < innerHeight;
}

function usesKey(element: Element, key: string): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element.localName === 'dialog' || element.isContentEditable) return true;
  if (element.matches('input:not([type=range]),textarea,select')) return true;
  const role = element.getAttribute('role') ?? element.localName;
  if (role.startsWith('menu')) return key === ' ' || key.length > 1;
  return key === ' ' && ['button', 'switch'].includes(role);
}

function bindings(video: HTMLVideoElement, controls: Controls, actions: Actions): Record<string, () => void> {
  const { seek, notify, help, loop, theatre, previous, next, strings, rate } = actions;
  const step = (by: number) => () => {
    seek(video.currentTime + by);
    if (Math.abs(by) >= STEP_S) notify(`${by > 0 ? '+' : '−'}${Math.abs(by)} s`);
  };
  // Into the middle of a picture: its edges are not exactly representable.
  const frame = (by: number) => () => {
    if (video.paused) seek((Math.floor(video.currentTime * rate + 0.01) + by + 0.5) / rate);
  };
  const volume = (by: number) => () => {
    video.volume = Math.min(1, Math.max(0, Math.round((video.volume + by) * 100) / 100));
    video.muted = video.volume === 0;
    notify(`${Math.round(video.volume * 100)} %`);
  };
  const speed = (faster: boolean) => () => {
    const now = video.playbackRate;
    video.playbackRate = (faster ? SPEEDS.find((s) => s > now) : SPEEDS.findLast((s) => s < now)) ?? now;
    notify(`${video.playbackRate}×`);
  };
  const playOrPause = () => controls.request(video.paused ? 'mediaplayrequest' : 'mediapauserequest');
  const tenths = Array.from({ length: 10 }, (_, n) => [`${n}`, () => seek((video.duration * n) / 10)] as const);
  return {
    ' ': playOrPause,
    k: playOrPause,
    m: () => {
      video.muted = !video.muted;
    },
    f: controls.toggleFullscreen,
    i: controls.togglePip,
    c: () => controls.request('mediatogglesubtitlesrequest'),
    j: step(-FAR_STEP_S),
    l: step(FAR_STEP_S),
    ArrowLeft: step(-STEP_S),
    ArrowRight: step(STEP_S),
    ArrowUp: volume(VOLUME_STEP),
    ArrowDown: volume(-VOLUME_STEP),
    ',': frame(-1),
    '.': frame(1),
    '<': speed(false),
    '>': speed(true),
    Home: () => seek(0),
    End: () => seek(video.duration),
    '?': help,
    r: () => notify(`${strings.loop}: ${loop() ? strings.on : strings.off}`),
    ...(theatre && { t: theatre }),
    P: previous,
    N: next,
    ...Object.fromEntries(tenths),
  };
}

/** A double click fills the screen; two taps on the left or right third of the picture jump ten seconds. */

import type { Controls } from './controls';

const STEP_S = 10;
const SECOND_TAP_MS = 300;

interface Actions {
  seek(time: number): void;
  notify(text: string): void;
}

export function listenToGestures(video: HTMLVideoElement, controls: Controls, { seek, notify }: Actions): void {
  let lastTap = 0;
  let byTouch = false;
  video.addEventListener('pointerup', ({ pointerType, clientX, timeStamp }) => {
    byTouch = pointerType === 'touch';
    if (!byTouch) return;
    const second = timeStamp - lastTap < SECOND_TAP_MS;
    lastTap = timeStamp;
    const { left, width } = video.getBoundingClientRect();
    const third = Math.floor(((clientX - left) / width) * 3) - 1;
    if (!second || third === 0) return;
    seek(video.currentTime + third * STEP_S);
    notify(`${third > 0 ? '+' : '−'}${STEP_S} s`);
  });
  video.addEventListener('dblclick', () => {
    if (!byTouch) controls.toggleFullscreen();
  });
}

/** When not even the MP4 plays: says so, and tries again on demand. */

import { playFile, playhead } from './file';

export function showErrors(video: HTMLVideoElement, panel: HTMLElement, mp4: string | undefined): void {
  const button = panel.querySelector('button') as HTMLButtonElement;
  let time = 0;
  video.addEventListener('timeupdate', () => (time = video.currentTime || time));
  video.addEventListener('error', () => {
    panel.hidden = !video.error;
    if (video.error && document.activeElement === video.parentElement) button.focus();
  });
  video.addEventListener('playing', () => (panel.hidden = true));
  button.addEventListener('click', () => {
    panel.hidden = true;
    playFile(video, mp4 ?? video.currentSrc, { ...playhead(video), time, playing: true });
  });
}

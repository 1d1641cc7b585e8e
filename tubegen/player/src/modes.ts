/** Loop and theatre: two switches of the viewer's, each with a key and a place among the controls. And an end. */

import type { MediaChromeMenuItem } from 'media-chrome/menu/media-chrome-menu-item';

import { onChoose, type Controls } from './controls';
import { prefer, preferences } from './preferences';

/** Returns the switch, for the keyboard. The wish lasts as long as the page: no other video should repeat. */
export function offerLoop(video: HTMLVideoElement, { loopItem }: Controls, wished: boolean): () => boolean {
  const item = loopItem as MediaChromeMenuItem;
  video.loop ||= wished;
  item.checked = video.loop;
  // The menu itself turns the item's mark.
  onChoose(item, () => (video.loop = !video.loop));
  return () => (item.checked = video.loop = !video.loop);
}

/** Pauses there, once: who goes on from there has seen it. */
export function endAt(video: HTMLVideoElement, time: number | undefined): void {
  if (time === undefined) return;
  const look = () => {
    if (video.currentTime < time) return;
    video.removeEventListener('timeupdate', look);
    video.pause();
  };
  video.addEventListener('timeupdate', look);
}

/**
 * Theatre: the player takes the whole window. A page that can do so marks the element around it with
 * `data-theatre="off"` and gives it its size when that says "on". Returns the switch; none without the mark.
 */
export function offerTheatre(video: HTMLVideoElement, { theatreButton: button }: Controls): (() => void) | undefined {
  const stage = video.closest<HTMLElement>('[data-theatre]');
  if (!stage) return undefined;
  const set = (on: boolean) => {
    stage.dataset['theatre'] = on ? 'on' : 'off';
    button.ariaPressed = `${on}`;
  };
  const toggle = () => {
    const on = stage.dataset['theatre'] !== 'on';
    set(on);
    prefer({ theatre: on });
    if (on) stage.scrollIntoView({ block: 'start' });
  };
  set(preferences().theatre);
  button.hidden = false;
  button.addEventListener('click', toggle);
  return toggle;
}

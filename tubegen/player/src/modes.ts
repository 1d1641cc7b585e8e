/** Loop and theatre: two switches of the viewer's, each with a key and a place among the controls. */

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

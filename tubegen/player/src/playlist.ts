/**
 * The next video of the playlist, offered at the end and played if the viewer wants that.
 * A page marks each playlist: `data-playlist` (its name) around links of `rel` prev and next, which have the
 * video's title in `data-title`. `#list=<name>` in the address tells which one the viewer came from.
 */

import type { MediaChromeMenuItem } from 'media-chrome/menu/media-chrome-menu-item';

import { onChoose, type Controls } from './controls';
import { prefer, preferences } from './preferences';
import { filled, type Strings } from './strings';

const COUNTDOWN_S = 8;

export interface Neighbours {
  readonly previous: HTMLAnchorElement | undefined;
  readonly next: HTMLAnchorElement | undefined;
}

export function neighbours(hash = location.hash): Neighbours {
  const lists = [...document.querySelectorAll<HTMLElement>('[data-playlist]')];
  const name = new URLSearchParams(hash.slice(1)).get('list');
  const list = lists.find(({ dataset }) => dataset['playlist'] === name) ?? lists[0];
  const link = (rel: string) => list?.querySelector<HTMLAnchorElement>(`a[rel=${rel}]`) ?? undefined;
  return { previous: link('prev'), next: link('next') };
}

/** Leads to the video of the link and starts it there. */
export function go(link: HTMLAnchorElement | undefined): void {
  if (!link) return;
  const address = new URL(link.href);
  address.hash += `${address.hash ? '&' : ''}autoplay`;
  location.assign(address);
}

export function offerNext(
  video: HTMLVideoElement,
  { frame, nextButton, nextItem, nextPanel }: Controls,
  { next }: Neighbours,
  strings: Strings,
): void {
  if (!next) return;
  const part = (selector: string) => nextPanel.querySelector<HTMLElement>(selector) as HTMLElement;
  const seconds = part('.seconds');
  const title = next.dataset['title'] ?? '';
  let timer = 0;

  const close = () => {
    clearInterval(timer);
    nextPanel.hidden = true;
    part('.title').textContent = '';
  };
  const offer = () => {
    nextPanel.hidden = false;
    // Read out because it changes while it is shown.
    part('.title').textContent = title;
    // Who uses the player's keys finds the offer under them; nobody else loses their place.
    if (document.activeElement === frame) part('.go').focus();
    seconds.textContent = '';
    if (!preferences().playNext) return;
    let left = COUNTDOWN_S;
    const tell = () => (seconds.textContent = filled(strings.nextIn, { seconds: `${left}` }));
    timer = setInterval(() => (--left > 0 ? tell() : go(next)), 1000);
    tell();
  };
  part('.go').addEventListener('click', () => go(next));
  part('.cancel').addEventListener('click', close);
  nextPanel.addEventListener('keydown', ({ key }) => key === 'Escape' && close());
  video.addEventListener('ended', offer);
  for (const event of ['seeking', 'play', 'emptied']) video.addEventListener(event, close);

  nextButton.title = `${strings.next}: ${title}`;
  nextButton.hidden = nextItem.hidden = false;
  nextButton.addEventListener('click', () => go(next));
  (nextItem as MediaChromeMenuItem).checked = preferences().playNext;
  onChoose(nextItem, () => prefer({ playNext: !preferences().playNext }));
}

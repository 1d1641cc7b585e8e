/** Chapters: marks on the time line come from their track; the menu and the label are filled here. */

import { createMenuItem } from 'media-chrome/menu/media-chrome-menu';

import { onChoose, type Controls } from './controls';
import { clock } from './strings';

const SLIVER_S = 1;

/** Browsers load chapters and storyboards only when asked to. Returns the chapters in the page's language. */
export function loadHiddenTracks(video: HTMLVideoElement): HTMLTrackElement | undefined {
  const language = document.documentElement.lang.split('-')[0];
  const [first, ...others] = [...video.querySelectorAll<HTMLTrackElement>('track[kind=chapters]')].sort(
    (a, b) => Number(b.srclang.split('-')[0] === language) - Number(a.srclang.split('-')[0] === language),
  );
  for (const other of others) other.remove();
  const storyboard = video.querySelector<HTMLTrackElement>('track[kind=metadata][label=thumbnails]');
  for (const element of [first, storyboard]) {
    if (!element) continue;
    element.default = true;
    element.track.mode = 'hidden';
  }
  first?.addEventListener('load', () => {
    // A last chapter that ends a few frames before the video would leave a sliver of a mark on the time line.
    const last = Array.from(first.track.cues ?? []).at(-1);
    if (last) last.endTime += SLIVER_S;
  });
  return first;
}

export function showChapters(
  video: HTMLVideoElement,
  element: HTMLTrackElement,
  { chaptersMenu: menu, chaptersItem, chapterLabel }: Controls,
  seek: (time: number) => void,
): void {
  const cues = () => Array.from((element.track.cues ?? []) as unknown as VTTCue[]);

  const fill = () => {
    chaptersItem.hidden = !cues().length;
    menu.defaultSlot.replaceChildren(...cues().map((cue) => chapterItem(cue, () => seek(cue.startTime))));
    mark();
  };
  const mark = () => {
    const now = cues().findLast(({ startTime }) => startTime <= video.currentTime);
    chapterLabel.textContent = now ? plain(now) : '';
    for (const item of menu.radioGroupItems) item.checked = item.value === `${now?.startTime}`;
    // The settings menu repeats the checked item's text when its submenu says that it has changed.
    menu.dispatchEvent(new Event('change'));
  };
  element.addEventListener('load', fill);
  element.track.addEventListener('cuechange', mark);
  if (element.readyState === HTMLTrackElement.LOADED) fill();
}

function chapterItem(cue: VTTCue, seek: () => void): HTMLElement {
  const item = createMenuItem({
    type: 'radio',
    text: `${clock(cue.startTime)} ${plain(cue)}`,
    value: `${cue.startTime}`,
    checked: false,
  });
  item.dataset['description'] = plain(cue);
  onChoose(item, seek);
  return item;
}

function plain(cue: VTTCue): string {
  return cue.getCueAsHTML().textContent?.trim() ?? '';
}


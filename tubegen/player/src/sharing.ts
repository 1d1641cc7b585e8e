/**
 * "Start at 1:23" beside the page's links for sharing. A page marks them: `data-share` on what holds them all,
 * `data-share-link` and `data-share-code` on the fields, `data-share-time` on a hidden checkbox's line.
 */

import { clock } from './strings';

export function shareMoments(video: HTMLVideoElement): void {
  for (const share of document.querySelectorAll<HTMLElement>('[data-share]')) offerMoment(video, share);
}

function offerMoment(video: HTMLVideoElement, share: HTMLElement): void {
  const link = share.querySelector<HTMLInputElement>('[data-share-link]');
  const code = share.querySelector<HTMLTextAreaElement>('[data-share-code]');
  const line = share.querySelector<HTMLElement>('[data-share-time]');
  const checkbox = line?.querySelector<HTMLInputElement>('input');
  const shown = line?.querySelector<HTMLElement>('.clock');
  if (!line || !checkbox || !shown) return;
  const plain = { link: link?.value ?? '', code: code?.value ?? '' };
  let time = 0;

  const follow = () => {
    // A chosen moment stays as it is while the video goes on.
    if (checkbox.checked) return;
    time = Math.floor(video.currentTime);
    shown.textContent = clock(time);
  };
  checkbox.addEventListener('change', () => {
    if (link) link.value = checkbox.checked ? `${plain.link}#t=${time}` : plain.link;
    if (code) code.value = checkbox.checked ? plain.code.replace(/ src="([^"?#]*)/, ` src="$1?start=${time}`) : plain.code;
    follow();
  });
  for (const event of ['timeupdate', 'seeked']) video.addEventListener(event, follow);
  for (const field of [link, code]) field?.addEventListener('focus', () => field.select());
  line.hidden = false;
  follow();
}

/**
 * Text on the page that follows the video. A page marks it: `data-transcript` on what scrolls, `data-t` (seconds)
 * on each stretch of words. The stretch that is being spoken gets `aria-current`, a click on one leads there.
 */

const HANDS_OFF_MS = 6000;

export function followTranscripts(video: HTMLVideoElement, seek: (time: number) => void): void {
  for (const root of document.querySelectorAll<HTMLElement>('[data-transcript]')) follow(root, video, seek);
}

function follow(root: HTMLElement, video: HTMLVideoElement, seek: (time: number) => void): void {
  const stretches = [...root.querySelectorAll<HTMLElement>('[data-t]')];
  const start = (stretch: HTMLElement) => Number(stretch.dataset['t']);
  let spoken: HTMLElement | undefined;
  let touched = -Infinity;

  const mark = () => {
    const now = stretches.findLast((stretch) => start(stretch) <= video.currentTime);
    if (now === spoken) return;
    spoken?.removeAttribute('aria-current');
    now?.setAttribute('aria-current', 'true');
    spoken = now;
    if (now && performance.now() - touched > HANDS_OFF_MS) bringIntoView(root, now);
  };
  root.dataset['transcript'] = 'live';
  video.addEventListener('timeupdate', mark);
  video.addEventListener('seeking', mark);
  // Whoever reads elsewhere in the text is left alone for a while.
  for (const event of ['wheel', 'touchmove', 'keydown'])
    root.addEventListener(event, () => (touched = performance.now()), { passive: true });
  root.closest('details')?.addEventListener('toggle', () => spoken && bringIntoView(root, spoken));
  root.addEventListener('click', ({ target }) => {
    const stretch = (target as Element).closest<HTMLElement>('[data-t]');
    // Marking words with the pointer ends in a click too.
    if (stretch && getSelection()?.isCollapsed !== false) seek(start(stretch));
  });
  mark();
}

/** Scrolls the text alone: the page stays where the viewer put it. */
function bringIntoView(root: HTMLElement, stretch: HTMLElement): void {
  const [box, line] = [root.getBoundingClientRect(), stretch.getBoundingClientRect()];
  if (line.top >= box.top && line.bottom <= box.bottom) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  root.scrollBy({ top: line.top - box.top - box.height / 3, behavior: calm ? 'instant' : 'smooth' });
}

/** Links such as `#t=83` or `#t=1m23s` anywhere on the page, and in its address, lead to a moment of the video. */

/** "83", "83.5", "1m23s", "1:23" or "83,120" (only the start counts) → seconds */
export function seconds(text: string): number | undefined {
  const start = text.split(',')[0] ?? '';
  if (/^\d+(:\d+){0,2}(\.\d+)?$/.test(start)) return start.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  const [whole, h = 0, m = 0, s = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(start) ?? [];
  return whole ? +h * 3600 + +m * 60 + +s : undefined;
}

export function moment(hash: string): number | undefined {
  return seconds(new URLSearchParams(hash.slice(1)).get('t') ?? '');
}

export function followSeekLinks(seek: (time: number) => void): void {
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.<HTMLAnchorElement>('a[href*="#"]');
    const time = link && !link.target && samePage(link) ? moment(link.hash) : undefined;
    if (!link || time === undefined) return;
    event.preventDefault();
    history.replaceState(history.state, '', link.hash);
    seek(time);
  });
  addEventListener('hashchange', () => {
    const time = moment(location.hash);
    if (time !== undefined) seek(time);
  });
}

function samePage({ origin, pathname, search }: HTMLAnchorElement): boolean {
  return origin === location.origin && pathname === location.pathname && search === location.search;
}

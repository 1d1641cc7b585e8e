/** What the page's address asks for (`?start=83&autoplay=1&muted=1`); an embed's owner writes it there. */

import { seconds } from './seeklinks';

const MAX_RATE = 4;

export interface Wishes {
  /** Seconds; undefined where the address says nothing. */
  readonly start: number | undefined;
  /** Seconds: pause there. */
  readonly end: number | undefined;
  /** 1 is normal; 0 where the address says nothing. */
  readonly rate: number;
  readonly muted: boolean;
  readonly loop: boolean;
  readonly controls: boolean;
  /** Language of the captions to show; empty for the viewer's own choice. */
  readonly captions: string;
  /** Language of the sound; empty for the viewer's own choice. */
  readonly sound: string;
  /** Language of the controls; empty for the page's. */
  readonly language: string;
}

export function wishes(search = location.search): Wishes {
  const given = new URLSearchParams(search);
  const asked = (name: string) => given.has(name) && given.get(name) !== '0';
  return {
    start: seconds(given.get('start') ?? ''),
    end: seconds(given.get('end') ?? ''),
    rate: Math.min(MAX_RATE, Math.max(0, Number(given.get('rate')))) || 0,
    muted: asked('muted'),
    loop: asked('loop'),
    controls: given.get('controls') !== '0',
    captions: given.get('captions') ?? '',
    sound: given.get('sound') ?? '',
    language: given.get('lang') ?? '',
  };
}

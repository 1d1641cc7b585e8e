/** What the page tells the player: the JSON of the `data-player` attribute and the element's own children. */

import type { Swarm } from './p2p/peers';
import type { Strings } from './strings';

export interface PageData {
  /** The video's UUID: the key under which the viewer's position is kept. */
  readonly id: string;
  /** Address of the master playlist. */
  readonly hls: string;
  readonly title: string;
  /** The channel's title, shown by the system's media controls. */
  readonly artist: string;
  /** Address of a picture, shown by the system's media controls. */
  readonly artwork: string;
  readonly embed: boolean;
  /** Seconds. */
  readonly duration: number;
  /** Pictures a second. */
  readonly rate?: number;
  /** Width and height of the renditions, largest first, for who chooses before playing. */
  readonly sizes?: readonly (readonly [width: number, height: number])[];
  /** Whether viewers may share: they do unless they say no, only when they say yes, never. */
  readonly p2p?: 'on' | 'ask' | 'off';
  /** Where viewers of this video meet; absent without a tracker. */
  readonly swarm?: Swarm;
  /** Addresses of folders that have the same files as that of the playlist. */
  readonly mirrors?: readonly string[];
  readonly strings: Partial<Strings>;
  /** Addresses of files with the words of other languages, for embeds. */
  readonly languages?: Readonly<Record<string, string>>;
}

export function pageData(video: HTMLVideoElement): PageData {
  return JSON.parse(video.dataset['player'] ?? '{}') as PageData;
}

export function absolute(address: string): string {
  return new URL(address, document.baseURI).href;
}

/** The file that plays everywhere. Read before any engine starts: some remove the `<source>` elements. */
export function mp4Address(video: HTMLVideoElement): string | undefined {
  return video.querySelector<HTMLSourceElement>('source[type="video/mp4"]')?.src;
}

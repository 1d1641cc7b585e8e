/**
 * While the pointer is on the way to the button: fetch the playlists, the init segment and the first segment
 * of the rendition that is going to start. Everything lands in the browser's cache, where the engine finds it.
 */

import { startLevel, type Level, type Viewing } from './levels';

interface Variant extends Level {
  readonly address: string;
}

export async function preload(master: string, view: Viewing, startTime: number): Promise<void> {
  if (navigator.connection?.saveData) return;
  const variant = startLevel(variants(await text(master), master), view);
  if (!variant) return;
  for (const address of firstMedia(await text(variant.address), variant.address, startTime)) hint(address);
}

async function text(address: string): Promise<string> {
  const response = await fetch(address);
  return response.ok ? response.text() : '';
}

export function variants(playlist: string, base: string): Variant[] {
  const found = playlist.matchAll(/^#EXT-X-STREAM-INF:(.*)\r?\n(?:#.*\r?\n)*([^#\s].*?)\r?$/gm);
  return [...found].flatMap(([, attributes = '', address = '']) => {
    const [, width = 0, height = 0] = /RESOLUTION=(\d+)x(\d+)/.exec(attributes) ?? [];
    const codecs = /CODECS="([^"]*)"/.exec(attributes)?.[1];
    if (codecs && !playable(codecs)) return [];
    const bitrate = Number(/(?:^|,)BANDWIDTH=(\d+)/.exec(attributes)?.[1]);
    return [{ address: new URL(address, base).href, width: +width, height: +height, bitrate }];
  });
}

function playable(codecs: string): boolean {
  return globalThis.MediaSource?.isTypeSupported(`video/mp4; codecs="${codecs}"`) ?? true;
}

/** Init segment and the segment that holds `startTime`. */
export function firstMedia(playlist: string, base: string, startTime: number): string[] {
  // Byte ranges of one large file are not worth a preload: it would fetch the whole file.
  if (playlist.includes('#EXT-X-BYTERANGE')) return [];
  const init = /^#EXT-X-MAP:.*?URI="([^"]+)"/m.exec(playlist)?.[1];
  let end = 0;
  for (const [, seconds, address] of playlist.matchAll(/^#EXTINF:([\d.]+).*\r?\n(?:#.*\r?\n)*([^#\s].*?)\r?$/gm)) {
    end += Number(seconds);
    if (end > startTime) return [init, address].flatMap((part) => (part ? [new URL(part, base).href] : []));
  }
  return [];
}

function hint(address: string): void {
  const link = document.createElement('link');
  Object.assign(link, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href: address });
  document.head.append(link);
}

/**
 * Whoever hands over parts of the video need not be trusted. Segments, init segments and playlists of renditions
 * carry the first 128 bits of their SHA-256 in their names (`240p-0001.3kwqZYd9yf7Y39rOh9x5XA.m4s`). Where a
 * rendition is one file, `segments-sha256.json` beside it has the hash of each range of its bytes, in PeerTube's
 * form: `{"720p.….mp4": {"0-99": "<hex>"}}` has that of the first hundred.
 */

import type { Range } from './ranges';

const NAME = /\.([\w-]{22})\.\w+(?:[?#]|$)/;

type Hashes = Readonly<Record<string, Readonly<Record<string, string>> | string>>;

/** Browsers have hashes only on https and on this machine. */
export const canVerify = Boolean(globalThis.crypto?.subtle);

const files = new Map<string, Promise<Hashes>>();

export function tellsContent(address: string): boolean {
  return NAME.test(address);
}

/**
 * Whether these bytes are those that were promised for the address, of the site's own host, or for a range of it.
 * Undefined when nothing was promised.
 */
export async function isGenuine(address: string, data: BufferSource, range?: Range): Promise<boolean | undefined> {
  const promised = range ? await hashOfRange(address, range) : NAME.exec(address)?.[1];
  if (!promised || !canVerify) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return promised === (range ? hex(digest) : base64url(digest.subarray(0, 16)));
}

/** To be called while the site's own host still answers: it alone is asked. */
export function hashesBeside(address: string): Promise<Hashes> {
  const place = new URL('segments-sha256.json', address).href;
  const known = files.get(place) ?? fetchHashes(place);
  files.set(place, known);
  return known;
}

async function fetchHashes(place: string): Promise<Hashes> {
  try {
    const response = await fetch(place);
    if (response.ok) return (await response.json()) as Hashes;
  } catch {
    // Asked for again when it is needed again.
  }
  files.delete(place);
  return {};
}

async function hashOfRange(address: string, { start, end }: Range): Promise<string | undefined> {
  const name = new URL(address).pathname.split('/').at(-1) ?? '';
  const ranges = (await hashesBeside(address))[name];
  return typeof ranges === 'object' ? ranges[`${start}-${end}`] : undefined;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 16 bytes in 22 characters, without padding. */
function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').slice(0, 22);
}

/**
 * Segments, init segments and playlists of renditions carry the first 128 bits of their SHA-256 in their names
 * (`240p-0001.3kwqZYd9yf7Y39rOh9x5XA.m4s`), so whoever hands them over need not be trusted.
 */

const NAME = /\.([\w-]{22})\.\w+(?:[?#]|$)/;

/** Browsers have hashes only on https and on this machine. */
export const canVerify = Boolean(globalThis.crypto?.subtle);

export function tellsContent(address: string): boolean {
  return NAME.test(address);
}

/** Whether these bytes are those that the name promises. False when it promises nothing. */
export async function isGenuine(address: string, data: BufferSource): Promise<boolean> {
  const promised = NAME.exec(address)?.[1];
  if (!promised || !canVerify) return false;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data), 0, 16);
  return btoa(String.fromCharCode(...digest)).replaceAll('+', '-').replaceAll('/', '_').slice(0, 22) === promised;
}

/**
 * While the pointer is on the way to the button: fetch the playlists, the init segment and the first segment
 * of the rendition and the sound that are going to start. Files land in the browser's cache, where the engine finds
 * them; parts of files are kept for it.
 */

import { playable, type Encoded } from './encodings';
import { startLevel, type Viewing } from './levels';
import { prefetch } from './prefetch';
import type { Range } from './ranges';
import { startSound, type ListedSound, type Sound } from './sounds';

interface Variant extends Encoded {
  readonly address: string;
  /** Absent when its sound is in it. */
  readonly soundGroup: string | undefined;
}

interface Media {
  readonly address: string;
  /** Absent when it is a file of its own. */
  readonly range: Range | undefined;
}

interface SoundPlaylist extends ListedSound {
  /** Absent when it is in the renditions. */
  readonly address: string | undefined;
  readonly group: string | undefined;
}

const SOUND_CODEC = /^(mp4a|opus|ac-3|ec-3|flac)/i;

/** `sound`: the viewer's last choice. */
export async function preload(master: string, view: Viewing, sound: Sound, startTime: number): Promise<void> {
  if (navigator.connection?.saveData) return;
  const playlist = await text(master);
  const variant = startLevel(await playable(variants(playlist, master)), view);
  if (!variant) return;
  const sounds = variant.soundGroup ? soundPlaylists(playlist, master) : [];
  const chosen = startSound(sounds.filter(({ group }) => group === variant.soundGroup), sound);
  await Promise.all([variant, chosen].map(async (one) => one?.address && hintAt(one.address, startTime)));
}

async function hintAt(playlist: string, startTime: number): Promise<void> {
  for (const { address, range } of firstMedia(await text(playlist), playlist, startTime)) {
    if (range) prefetch(address, range);
    else hint(address);
  }
}

async function text(address: string): Promise<string> {
  const response = await fetch(address);
  return response.ok ? response.text() : '';
}

function variants(playlist: string, base: string): Variant[] {
  const found = playlist.matchAll(/^#EXT-X-STREAM-INF:(.*)\r?\n(?:#.*\r?\n)*([^#\s].*?)\r?$/gm);
  return [...found].flatMap(([, list = '', address = '']) => {
    const tells = attributes(list);
    const [width = 0, height = 0] = (tells['RESOLUTION'] ?? '').split('x').map(Number);
    const codecs = tells['CODECS'] ?? '';
    if (codecs && !isSupported(codecs)) return [];
    return [
      {
        address: new URL(address, base).href,
        width,
        height,
        bitrate: Number(tells['BANDWIDTH']),
        frameRate: Number(tells['FRAME-RATE'] ?? 0),
        videoCodec: codecs.split(',').find((codec) => !SOUND_CODEC.test(codec)) ?? '',
        range: tells['VIDEO-RANGE'] ?? 'SDR',
        soundGroup: tells['AUDIO'],
      },
    ];
  });
}

function soundPlaylists(playlist: string, base: string): SoundPlaylist[] {
  return [...playlist.matchAll(/^#EXT-X-MEDIA:(.*)$/gm)].flatMap(([, list = '']) => {
    const tells = attributes(list);
    if (tells['TYPE'] !== 'AUDIO') return [];
    return [
      {
        address: tells['URI'] && new URL(tells['URI'], base).href,
        group: tells['GROUP-ID'],
        language: tells['LANGUAGE'] ?? '',
        name: tells['NAME'] ?? '',
        usual: tells['DEFAULT'] === 'YES',
      },
    ];
  });
}

/** An attribute list (RFC 8216 §4.2). */
function attributes(list: string): Partial<Record<string, string>> {
  const pairs = list.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,\r]*))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, plain]) => [name, quoted ?? plain]));
}

function isSupported(codecs: string): boolean {
  return globalThis.MediaSource?.isTypeSupported(`video/mp4; codecs="${codecs}"`) ?? true;
}

/** Init segment and the segment that holds `startTime`. */
function firstMedia(playlist: string, base: string, startTime: number): Media[] {
  const init = attributes(/^#EXT-X-MAP:(.*)$/m.exec(playlist)?.[1] ?? '');
  let end = 0;
  for (const [, seconds, tags = '', address] of playlist.matchAll(/^#EXTINF:([\d.]+).*\r?\n((?:#.*\r?\n)*)([^#\s].*?)\r?$/gm)) {
    end += Number(seconds);
    if (end <= startTime) continue;
    const range = /^#EXT-X-BYTERANGE:(.*)$/m.exec(tags)?.[1];
    return [...media(init['URI'], init['BYTERANGE'], base), ...media(address, range, base)];
  }
  return [];
}

/** `range` is `<size>@<start>`, which our playlists never shorten (RFC 8216 §4.3.2.2). */
function media(address: string | undefined, range: string | undefined, base: string): Media[] {
  if (!address) return [];
  const [size = 0, start = 0] = (range ?? '').split('@').map(Number);
  return [{ address: new URL(address, base).href, range: size ? { start, end: start + size - 1 } : undefined }];
}

function hint(address: string): void {
  const link = document.createElement('link');
  Object.assign(link, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href: address });
  document.head.append(link);
}

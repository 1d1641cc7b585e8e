/**
 * A master playlist may have the same picture in H.264, which everything plays, and in a newer codec, which costs
 * hosts and lines less; and for screens that show more light than others. One of each height is left for this
 * browser. The preloader and the engine ask the same question and must agree.
 */

import type { Level } from './levels';

export interface Encoded extends Level {
  /** Of the picture, RFC 6381: `av01.0.08M.08`. Empty when the playlist does not tell. */
  readonly videoCodec: string;
  /** Frames a second; 0 when unknown. */
  readonly frameRate: number;
  /** VIDEO-RANGE: SDR, PQ or HLG. */
  readonly range: string;
}

/** Those to play, in their order. Where there is nothing to choose, the browser is not asked. */
export async function playable<E extends Encoded>(all: readonly E[]): Promise<readonly E[]> {
  const renditions = withFewestChannels(ofOneRange(all));
  if (new Set(renditions.map(family)).size < 2) return renditions;
  const gains = canSwitch() ? await Promise.all(renditions.map((one) => isNewer(one) && playsEasily(one))) : [];
  const usable = renditions.filter((one, n) => gains[n] || !isNewer(one));
  if (!usable.length) return renditions;
  const newer = new Set(usable.filter(isNewer).map(({ height }) => height));
  return usable.filter((one) => isNewer(one) || !newer.has(one.height));
}

function ofOneRange<E extends Encoded>(renditions: readonly E[]): readonly E[] {
  const high = renditions.filter(({ range }) => range !== 'SDR');
  if (high.length && matchMedia('(dynamic-range: high)').matches) return high;
  return high.length < renditions.length ? renditions.filter(({ range }) => range === 'SDR') : renditions;
}

/** Of the same picture with sound in stereo and around: browsers mix it down, and it weighs more. */
function withFewestChannels<E extends Encoded>(renditions: readonly E[]): readonly E[] {
  const samePicture = (a: E, b: E) => a.height === b.height && a.videoCodec === b.videoCodec;
  return renditions.filter((one) => !renditions.some((other) => samePicture(one, other) && other.bitrate < one.bitrate));
}

/** The lower renditions may have no newer twin: then the decoder has to change in the middle. */
function canSwitch(): boolean {
  const { SourceBuffer: Buffer } = globalThis as { SourceBuffer?: typeof SourceBuffer };
  return Boolean(navigator.mediaCapabilities && Buffer && 'changeType' in Buffer.prototype);
}

function family({ videoCodec }: Encoded): string {
  return videoCodec.slice(0, 4);
}

function isNewer(rendition: Encoded): boolean {
  return !['', 'avc1', 'avc3'].includes(family(rendition));
}

/** Without dropping frames; in the hand, where a battery pays, by a chip made for it. */
async function playsEasily({ videoCodec, width, height, bitrate, frameRate }: Encoded): Promise<boolean> {
  const video = { contentType: `video/mp4; codecs="${videoCodec}"`, width, height, bitrate, framerate: frameRate || 30 };
  try {
    const { supported, smooth, powerEfficient } = await navigator.mediaCapabilities.decodingInfo({ type: 'media-source', video });
    return supported && smooth && (powerEfficient || !inTheHand());
  } catch {
    return false;
  }
}

function inTheHand(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}

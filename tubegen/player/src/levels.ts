/** Which rendition to start with. The preloader and the engine ask the same question and must agree. */

export interface Level {
  readonly height: number;
  readonly width: number;
  /** Peak bits per second. */
  readonly bitrate: number;
}

export interface Viewing {
  /** Bits per second at the last visit; 0 when unknown: then the smallest rendition starts soonest. */
  readonly bandwidth: number;
  /** Height the viewer has chosen; 0 for automatic. */
  readonly height: number;
  /** Of the player, in device pixels. */
  readonly width: number;
}

const SHARE_OF_BANDWIDTH = 0.7;

export function smallestFirst(a: Level, b: Level): number {
  return a.height - b.height || a.bitrate - b.bitrate;
}

export function startLevel<L extends Level>(levels: readonly L[], { bandwidth, height, width }: Viewing): L | undefined {
  const [smallest, ...larger] = [...levels].sort(smallestFirst);
  if (!smallest) return undefined;
  const enough = [smallest, ...larger].find((level) => level.width >= width)?.height ?? Infinity;
  const fits = height
    ? (level: L) => level.height <= height
    : (level: L) => level.height <= enough && level.bitrate < bandwidth * SHARE_OF_BANDWIDTH;
  const best = larger.filter(fits).at(-1) ?? smallest;
  // Of equally high renditions the lightest, whatever the codec.
  return [smallest, ...larger].find((level) => level.height === best.height);
}

export function viewing(video: HTMLVideoElement, wanted: { readonly bandwidth: number; readonly height: number }): Viewing {
  return { ...wanted, width: video.clientWidth * devicePixelRatio };
}

/** Parts of a file, for the layout in which a rendition is one. */

/** Offsets of the first byte and the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** hls.js counts the end of a range as what comes after it, and has 0 where there is none. */
export function rangeOf({ rangeStart = 0, rangeEnd }: { rangeStart?: number; rangeEnd?: number }): Range | undefined {
  return rangeEnd ? { start: rangeStart, end: rangeEnd - 1 } : undefined;
}

/** One for each part of each file. */
export function nameOf(address: string, range: Range | undefined): string {
  return range ? `${address} ${range.start}-${range.end}` : address;
}

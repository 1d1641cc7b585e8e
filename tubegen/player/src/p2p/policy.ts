/**
 * How much of what comes next is fetched from the hosts without asking other viewers, and when others are left
 * alone. The library fetches from hosts whatever will be played within its window, though a viewer may have it.
 */

export interface Situation {
  /** Viewers connected. */
  readonly peers: number;
  /** Milliseconds since the start or the last seek. */
  readonly calm: number;
  /** Bandwidth of the line to the hosts over the bit rate that plays; NaN when unknown. */
  readonly headroom: number;
  /** Whether playing has had to wait. */
  readonly stalled: boolean;
}

const FIRST_MS = 1000;
const FINDING_MS = 3000;
const AMPLE = 6;
const THIN = 3;
const WIDE_AGAIN = 4;

/** Seconds. */
export function wishedWindow({ peers, calm, headroom, stalled }: Situation): number {
  if (stalled) return 15;
  // The first picture soonest: two segments at once would arrive later than one. Then a moment to find others in.
  if (calm < FINDING_MS && (calm < FIRST_MS || peers === 0)) return headroom < AMPLE ? 4 : 1.5;
  if (peers === 0) return 20;
  return headroom < AMPLE ? 8 : 3;
}

/** A line with little to spare gains nothing from others and stalls for them. */
export function isThin(bandwidth: number, bitrate: number, already: boolean): boolean {
  return bandwidth > 0 && bitrate > 0 && bandwidth < bitrate * (already ? WIDE_AGAIN : THIN);
}

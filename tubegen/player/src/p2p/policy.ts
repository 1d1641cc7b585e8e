/**
 * How much of what comes next is fetched from the hosts without asking other viewers, and when others are left
 * alone. The library fetches from hosts whatever will be played within its window, though a viewer may have it.
 */

export interface Situation {
  /** Viewers connected. */
  readonly peers: number;
  /** Viewers the tracker knows of; undefined until it has told. */
  readonly others: number | undefined;
  /** Whether there is something to show: neither at the start nor after a seek. */
  readonly playable: boolean;
  /** Milliseconds since the start or the last seek. */
  readonly calm: number;
  /** Bandwidth of the line to the hosts over the bit rate that plays; 0 when unknown. */
  readonly headroom: number;
  /** Seconds of a whole segment. */
  readonly segment: number;
  /** Whether playing has had to wait lately. */
  readonly stalled: boolean;
}

/** The next segment and no other: two at once would arrive later than one. */
export const FIRST_WINDOW_S = 1;
/** How far ahead viewers fetch from the hosts what nobody has, for each other: not what may never be watched. */
export const HOSTS_AHEAD_S = 120;
const AFTER_A_STALL_S = 15;
const ALONE_S = 20;
const UNSURE_S = 8;
const FINDING_MS = 3000;
/** Somebody is there; who cannot be reached by then never will be. */
const REACHING_MS = 10_000;
/** Until a host is asked, and answers. */
const REACTION_S = 0.75;
/** How much longer than expected a segment may take. */
const MARGIN = 2;
const THIN = 3;
const WIDE_AGAIN = 4;

/** Seconds. */
export function wishedWindow({ peers, others, playable, calm, headroom, segment, stalled }: Situation): number {
  if (!playable) return FIRST_WINDOW_S;
  if (stalled) return AFTER_A_STALL_S;
  if (peers === 0 && (others === 0 || calm > (others ? REACHING_MS : FINDING_MS))) return ALONE_S;
  // The last moment at which a host can still be asked for what no viewer has given.
  return Math.min(UNSURE_S, REACTION_S + (MARGIN * segment) / headroom);
}

/** A line with little to spare gains nothing from others and stalls for them. */
export function isThin(bandwidth: number, bitrate: number, already: boolean): boolean {
  return bandwidth > 0 && bitrate > 0 && bandwidth < bitrate * (already ? WIDE_AGAIN : THIN);
}

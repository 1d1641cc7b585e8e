/**
 * Lets in only what its name promises, and throws out those who gave anything else: a viewer for as long as the
 * page is open, a mirror as well. A segment may come from several in parts; one of them has lied then, and who does
 * so twice is thrown out.
 */

import type { Level } from 'hls.js';

import { hashesBeside, isGenuine } from '../integrity';
import { nameOf, type Range } from '../ranges';
import type { Source, Sources } from '../sources';

interface Segment {
  readonly url: string;
  /** Absent when it is a file of its own. */
  readonly byteRange?: Range | undefined;
  readonly runtimeId: string;
  readonly startTime: number;
  readonly endTime: number;
}

/** So many liars, and nobody is asked any more. */
const LIARS = 3;
/** What a viewer may send beyond the size that a segment can have. */
const SLACK_BYTES = 1_000_000;
/** What the library says when the bytes are not those that were asked for. */
const LIES: ReadonlySet<string> = new Set([
  'p2p-segment-validation-failed',
  'http-segment-validation-failed',
  'peer-response-bytes-length-mismatch',
  'peer-protocol-violation',
  'http-bytes-mismatch',
]);

export class Guard {
  /** Who was asked for each segment under way, by its name, and whether they gave any of it. */
  readonly #givers = new Map<string, Map<string, boolean>>();
  readonly #asked = new Map<string, Source>();
  readonly #doubted = new Set<string>();
  readonly #budgets = new Map<string, number>();

  constructor(
    private readonly sources: Sources,
    private readonly levels: () => readonly Level[],
    /** Viewers who were thrown out, whatever has played since. */
    private readonly banned: Set<string>,
    private readonly peers: {
      disconnect(peer: string): void;
      /** What there is of a range is thrown away. */
      restart(segment: string, range: Range): void;
      giveUp(): void;
    },
  ) {}

  readonly fromPeers = (address: string, range: Range | undefined, data: ArrayBuffer): Promise<boolean> =>
    this.#judge(address, range, data, () => false);

  readonly fromHosts = (address: string, range: Range | undefined, data: ArrayBuffer): Promise<boolean> =>
    this.#judge(address, range, data, (name) => !this.#whoGave(name).length && (this.#asked.get(name)?.own ?? true));

  /** Half a segment, left by a viewer, is completed by the site's own host alone: nobody else can hide behind it. */
  readonly request = async (
    address: string,
    range: Range | undefined,
    signal: AbortSignal,
    rest: { readonly start: number; readonly end?: number } | undefined,
  ): Promise<Request> => {
    if (range) void hashesBeside(address);
    const name = nameOf(address, range);
    const half = Boolean(rest && rest.start > (range?.start ?? 0));
    const turns = this.sources.inTurn(address);
    // Of a range the library takes no more than is missing; when that fails it is restarted, and a mirror may give all.
    const source = (half && range && turns.find(({ own }) => own)) || turns[0];
    this.#asked.set(name, source);
    if (!half || !source.own) this.#givers.delete(name);
    const wanted = half && source.own ? rest : range;
    const headers: HeadersInit = wanted ? { Range: `bytes=${wanted.start}-${wanted.end ?? ''}` } : {};
    return new Request(this.sources.at(source, address), { headers, signal });
  };

  /** A viewer was asked for a segment. */
  started({ url, byteRange, startTime, endTime }: Segment, peer: string): void {
    const name = nameOf(url, byteRange);
    const givers = this.#givers.get(name) ?? new Map<string, boolean>();
    this.#givers.set(name, givers.set(peer, givers.get(peer) ?? false));
    const rate = Math.max(...this.levels().map(({ maxBitrate }) => maxBitrate));
    this.#budgets.set(peer, (rate / 8) * (endTime - startTime) * 2 + SLACK_BYTES);
  }

  /** What was asked of a viewer is not awaited any longer: who has given nothing of it has not lied. */
  left({ url, byteRange }: Segment, peer: string | undefined): void {
    const givers = this.#givers.get(nameOf(url, byteRange));
    if (peer && givers?.get(peer) === false) givers.delete(peer);
  }

  /** Who sends without end fills the memory. */
  received(peer: string, bytes: number): void {
    for (const givers of this.#givers.values()) if (givers.has(peer)) givers.set(peer, true);
    const left = (this.#budgets.get(peer) ?? SLACK_BYTES) - bytes;
    this.#budgets.set(peer, left);
    if (left < 0) this.#ban(peer);
  }

  /** `peer` is the viewer who was asked last, if it was not a host. */
  failed(segment: Segment, from: 'http' | 'p2p', error: string, peer: string | undefined): void {
    const { url, byteRange, runtimeId } = segment;
    const name = nameOf(url, byteRange);
    const lie = LIES.has(error);
    if (lie && peer) this.#givers.get(name)?.set(peer, true);
    else this.left(segment, peer);
    const givers = this.#whoGave(name);
    const anew = lie || (byteRange && from === 'http');
    if (anew) this.#givers.delete(name);
    if (anew && byteRange) this.peers.restart(runtimeId, byteRange);
    if (lie && givers.length) return this.#blame(givers);
    const source = this.#asked.get(name);
    if (from !== 'http' || !source) return;
    if (error === 'http-segment-validation-failed' && !source.own) this.sources.lied(source);
    else this.sources.failed(source);
  }

  async #judge(address: string, range: Range | undefined, data: ArrayBuffer, unknown: (name: string) => boolean): Promise<boolean> {
    const name = nameOf(address, range);
    const genuine = (await isGenuine(address, data, range)) ?? unknown(name);
    if (genuine) this.#givers.delete(name);
    return genuine;
  }

  #whoGave(name: string): string[] {
    return [...(this.#givers.get(name) ?? [])].filter(([, gave]) => gave).map(([peer]) => peer);
  }

  #blame(givers: readonly string[]): void {
    for (const peer of givers) {
      if (givers.length === 1 || this.#doubted.has(peer)) this.#ban(peer);
      this.#doubted.add(peer);
    }
  }

  #ban(peer: string): void {
    if (this.banned.has(peer)) return;
    this.banned.add(peer);
    console.warn('A viewer gave something that is not part of this video, and is left alone from now on');
    this.peers.disconnect(peer);
    if (this.banned.size >= LIARS) this.peers.giveUp();
  }
}

/**
 * Lets in only what its name promises, and throws out those who gave anything else: a viewer for as long as the
 * page is open, a mirror as well. A segment may come from several in parts; one of them has lied then, and who does
 * so twice is thrown out.
 */

import type { Level } from 'hls.js';

import { isGenuine, type Range } from '../integrity';
import type { Source, Sources } from '../sources';

interface Segment {
  readonly url: string;
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
  readonly #givers = new Map<string, Set<string>>();
  readonly #asked = new Map<string, Source>();
  readonly #doubted = new Set<string>();
  readonly #budgets = new Map<string, number>();

  constructor(
    private readonly sources: Sources,
    private readonly levels: () => readonly Level[],
    /** Viewers who were thrown out, whatever has played since. */
    private readonly banned: Set<string>,
    private readonly peers: { disconnect(peer: string): void; giveUp(): void },
  ) {}

  readonly fromPeers = async (address: string, range: Range | undefined, data: ArrayBuffer): Promise<boolean> =>
    (await isGenuine(address, data, range)) ?? false;

  readonly fromHosts = async (address: string, range: Range | undefined, data: ArrayBuffer): Promise<boolean> =>
    (await isGenuine(address, data, range)) ?? (!this.#givers.has(address) && (this.#asked.get(address)?.own ?? true));

  /** Half a segment, left by a viewer, is completed by the site's own host alone: nobody else can hide behind it. */
  readonly request = async (
    address: string,
    range: unknown,
    signal: AbortSignal,
    part: { readonly start: number } | undefined,
  ): Promise<Request | undefined> => {
    if (range) return undefined;
    const [source] = this.sources.inTurn(address);
    this.#asked.set(address, source);
    if (!part || !source.own) this.#givers.delete(address);
    const headers: HeadersInit = part && source.own ? { Range: `bytes=${part.start}-` } : {};
    return new Request(this.sources.at(source, address), { headers, signal });
  };

  /** A viewer was asked for a segment. */
  started({ url, startTime, endTime }: Segment, peer: string): void {
    const givers = this.#givers.get(url) ?? new Set();
    this.#givers.set(url, givers.add(peer));
    const rate = Math.max(...this.levels().map(({ maxBitrate }) => maxBitrate));
    this.#budgets.set(peer, (rate / 8) * (endTime - startTime) * 2 + SLACK_BYTES);
  }

  /** Who sends without end fills the memory. */
  received(peer: string, bytes: number): void {
    const left = (this.#budgets.get(peer) ?? SLACK_BYTES) - bytes;
    this.#budgets.set(peer, left);
    if (left < 0) this.#ban(peer);
  }

  loaded(address: string): void {
    this.#givers.delete(address);
  }

  failed(address: string, from: 'http' | 'p2p', error: string): void {
    const givers = [...(this.#givers.get(address) ?? [])];
    if (LIES.has(error)) {
      this.#givers.delete(address);
      if (givers.length) return this.#blame(givers);
    }
    const source = this.#asked.get(address);
    if (from !== 'http' || !source) return;
    if (error === 'http-segment-validation-failed' && !source.own) this.sources.lied(source);
    else this.sources.failed(source);
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

/**
 * The hosts that have the video: the site's own, and its mirrors for when that fails. Addresses are those of the
 * site's own host everywhere else; only who fetches asks here.
 */

import { canVerify, tellsContent } from './integrity';

export interface Source {
  /** Address of the folder that has the master playlist. */
  readonly base: string;
  /** The site's own host, which is believed; a mirror is not. */
  readonly own: boolean;
}

const REST_MS = 30_000;

export class Sources {
  readonly #own: Source;
  #mirrors: readonly Source[];
  readonly #resting = new Map<Source, number>();

  /** `mirrors` are addresses of folders. */
  constructor(playlist: string, mirrors: readonly string[]) {
    this.#own = { base: new URL('.', playlist).href, own: true };
    this.#mirrors = canVerify ? mirrors.map((base) => ({ base: new URL(base, playlist).href, own: false })) : [];
  }

  get mirrored(): boolean {
    return this.#mirrors.length > 0;
  }

  /** Whom to ask for this address, one after the other. Those that failed a moment ago come last. */
  inTurn(address: string): readonly [Source, ...Source[]] {
    const others = address.startsWith(this.#own.base) && tellsContent(address) ? this.#mirrors : [];
    const late = (source: Source) => Number((this.#resting.get(source) ?? 0) > performance.now());
    const [first = this.#own, ...rest] = [this.#own, ...others].sort((a, b) => late(a) - late(b));
    return [first, ...rest];
  }

  /** The address of the same file there. */
  at({ base }: Source, address: string): string {
    return address.startsWith(this.#own.base) ? base + address.slice(this.#own.base.length) : address;
  }

  /** It did not answer as it should. */
  failed(source: Source): void {
    this.#resting.set(source, performance.now() + REST_MS);
  }

  /** It gave something else under the name: a mirror that does so is not asked again. */
  lied(source: Source): void {
    this.#mirrors = this.#mirrors.filter((mirror) => mirror !== source);
    console.warn(`${source.base} gave a file that is not what its name promises`);
  }
}

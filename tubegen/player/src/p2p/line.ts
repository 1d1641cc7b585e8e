/** How wide the line to the hosts is: bytes over the time in which at least one segment was on its way. */

/** Faster than any line: from the browser's own cache. */
const CACHED_MS = 5;
const KEPT = 5;

interface Sample {
  readonly bytes: number;
  readonly ms: number;
}

export class Line {
  readonly #under = new Set<string>();
  #since = 0;
  #bytes = 0;
  #samples: readonly Sample[] = [];

  constructor(private readonly known: number) {}

  started(address: string): void {
    if (this.#under.size === 0) {
      this.#since = performance.now();
      this.#bytes = 0;
    }
    this.#under.add(address);
  }

  arrived(bytes: number): void {
    this.#bytes += bytes;
  }

  ended(address: string): void {
    if (!this.#under.delete(address) || this.#under.size > 0 || this.#bytes === 0) return;
    this.took(address, this.#bytes, performance.now() - this.#since);
  }

  /** So many bytes came alone. */
  took(address: string, bytes: number, waited: number): void {
    const ms = preloaded(address) ?? waited;
    if (ms >= CACHED_MS) this.#samples = [...this.#samples, { bytes, ms }].slice(-KEPT);
  }

  /** Bits per second; 0 when unknown. */
  get bandwidth(): number {
    const ms = this.#samples.reduce((sum, sample) => sum + sample.ms, 0);
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return ms ? (bytes * 8000) / ms : this.known;
  }
}

/** Milliseconds when it was fetched before it was wanted: then it comes from the cache in no time. */
function preloaded(address: string): number | undefined {
  const [first] = performance.getEntriesByName(address) as PerformanceResourceTiming[];
  if (first?.initiatorType !== 'link') return undefined;
  const { startTime, responseStart, responseEnd, transferSize } = first;
  // Another origin may keep the details to itself; then it may have been in the cache before.
  return transferSize ? Math.max(CACHED_MS, responseEnd - responseStart) : responseEnd - startTime;
}

/**
 * Ranges of large files, fetched before the engine wants them. No link can ask for a range, and few browsers find a
 * part of a file in their cache again, then only what the host has given a validator: parts are kept here until they
 * are taken, once.
 */

import type { HlsConfig, LoaderCallbacks, LoaderConfiguration, LoaderContext } from 'hls.js';

import { nameOf, rangeOf, type Range } from './ranges';

type LoaderClass = HlsConfig['loader'];

interface Part {
  readonly data: ArrayBuffer;
  /** Milliseconds of the page's clock: asked for, answered, complete. */
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

/** A host that is silent for so long is asked again, or another, when the part is wanted. */
const FIRST_BYTE_MS = 4000;

const parts = new Map<string, Promise<Part | undefined>>();

export function prefetch(address: string, range: Range): void {
  const name = nameOf(address, range);
  if (!parts.has(name)) parts.set(name, fetchPart(address, range).catch(() => undefined));
}

async function fetchPart(address: string, { start: from, end: to }: Range): Promise<Part | undefined> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), FIRST_BYTE_MS);
  const start = performance.now();
  const response = await fetch(address, { headers: { Range: `bytes=${from}-${to}` }, signal: patience.signal });
  clearTimeout(timer);
  const first = performance.now();
  // A host that knows no ranges is about to send the whole file.
  if (response.status !== 206) return void patience.abort();
  const data = await response.arrayBuffer();
  return data.byteLength === to - from + 1 ? { data, start, first, end: performance.now() } : undefined;
}

/** hls.js's loader, which takes what is there or on its way. */
export function prefetchedLoader(Base: LoaderClass): LoaderClass {
  return class PrefetchedLoader extends Base {
    #ended = false;
    /** While it waits for a part: what to tell when it is to stop. */
    #waiting: (() => void) | undefined;

    override load(context: LoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>): void {
      const name = nameOf(context.url, rangeOf(context));
      const wanted = parts.get(name);
      if (!wanted) return super.load(context, config, callbacks);
      parts.delete(name);
      this.context = context;
      this.#waiting = () => callbacks.onAbort?.(this.stats, context, null);
      void wanted.then((part) => {
        if (this.#ended) return;
        this.#waiting = undefined;
        if (!part) return super.load(context, config, callbacks);
        const { data, start, first, end } = part;
        const { stats } = this;
        // It took as long as it took, though that was before: the line is judged by it.
        const since = performance.now() - end;
        Object.assign(stats.loading, { start: start + since, first: first + since, end: end + since });
        stats.loaded = stats.total = data.byteLength;
        callbacks.onSuccess({ url: context.url, data }, stats, context, null);
      });
    }

    override abort(): void {
      this.#ended = true;
      this.#waiting?.();
      super.abort();
    }

    override destroy(): void {
      this.#ended = true;
      super.destroy();
    }
  };
}

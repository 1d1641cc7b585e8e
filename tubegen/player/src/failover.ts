/** hls.js's loader, which asks one host after the other and believes only the site's own. */

import type {
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderContext,
  LoaderResponse,
  LoaderStats,
} from 'hls.js';

import { hashesBeside, isGenuine } from './integrity';
import { rangeOf } from './ranges';
import type { Source, Sources } from './sources';

type LoaderClass = HlsConfig['loader'];

/** While there is another host to ask, none may be silent for as long as hls.js would wait. */
const FIRST_BYTE_MS = 4000;

export function failoverLoader(Base: LoaderClass, sources: Sources): LoaderClass {
  return class FailoverLoader implements Loader<LoaderContext> {
    context: LoaderContext | null = null;
    #now: Loader<LoaderContext>;
    #ended = false;

    constructor(private readonly config: HlsConfig) {
      this.#now = new Base(config);
    }

    get stats(): LoaderStats {
      return this.#now.stats;
    }

    set stats(stats: LoaderStats) {
      this.#now.stats = stats;
    }

    load(context: LoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>): void {
      this.context = context;
      if (rangeOf(context)) void hashesBeside(context.url);
      this.#ask(sources.inTurn(context.url), context, config, callbacks);
    }

    abort(): void {
      this.#ended = true;
      this.#now.abort();
    }

    destroy(): void {
      this.#ended = true;
      this.#now.destroy();
    }

    getCacheAge(): number | null {
      return this.#now.getCacheAge?.() ?? null;
    }

    getResponseHeader(name: string): string | null {
      return this.#now.getResponseHeader?.(name) ?? null;
    }

    #ask(
      [source, ...others]: readonly [Source, ...Source[]],
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      const [next, ...later] = others;
      const orElse = (report: () => void) => {
        if (this.#ended) return;
        if (!next) return report();
        this.#renew();
        this.#ask([next, ...later], context, config, callbacks);
      };
      this.#now.load({ ...context, url: sources.at(source, context.url) }, next ? impatient(config) : config, {
        onSuccess: (response, stats, _, details) => {
          const accept = () => callbacks.onSuccess({ ...response, url: context.url }, stats, context, details);
          if (source.own) return accept();
          void isGenuine(context.url, bytesOf(response), rangeOf(context)).then((genuine) => {
            if (this.#ended) return;
            if (genuine) return accept();
            if (genuine === false) sources.lied(source);
            else sources.failed(source);
            orElse(() => callbacks.onError({ code: 0, text: 'not what the name promises' }, context, details, stats));
          });
        },
        onError: (error, _, details, stats) => {
          sources.failed(source);
          orElse(() => callbacks.onError(error, context, details, stats));
        },
        onTimeout: (stats, _, details) => {
          sources.failed(source);
          orElse(() => callbacks.onTimeout(stats, context, details));
        },
        onAbort: (stats, _, details) => callbacks.onAbort?.(stats, context, details),
      });
    }

    /** hls.js keeps the statistics of the loader that it knows: the next one goes on with the same object. */
    #renew(): void {
      const { stats } = this;
      this.#now.destroy();
      this.#now = new Base(this.config);
      this.stats = Object.assign(stats, this.#now.stats, { retry: stats.retry });
    }
  };
}

function impatient(config: LoaderConfiguration): LoaderConfiguration {
  const loadPolicy = { ...config.loadPolicy, maxTimeToFirstByteMs: FIRST_BYTE_MS };
  return { ...config, loadPolicy };
}

function bytesOf({ data }: LoaderResponse): BufferSource {
  return typeof data === 'string' ? new TextEncoder().encode(data) : (data as ArrayBuffer);
}

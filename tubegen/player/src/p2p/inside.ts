/**
 * What p2p-media-loader knows and does not tell, and what it offers no way to do: this takes hold of its inside, of
 * the version that we pin.
 */

import type { Range } from '../ranges';

interface Connection {
  /** Of the peer, in hexadecimal. */
  readonly id: string;
  /** Takes up what the tracker has brought: an offer or an answer. */
  signal(description: unknown): void;
  destroy(): void;
}

/** For a segment. */
interface Wish {
  readonly segment: { readonly runtimeId: string };
  clearLoadedBytes(): void;
  setTotalBytes(bytes: number): void;
}

interface Acquaintance {
  readonly peer?: { destroy(): void };
  /** Offers of both sides; the first that connects becomes the peer. */
  readonly potentialConnections: ReadonlySet<Connection>;
}

/** Of one rendition. */
interface Meeting {
  readonly _peers: ReadonlyMap<string, Acquaintance>;
  readonly client: {
    on(event: 'peer', listener: (connection: Connection) => void): void;
    on(event: 'update', listener: (answer: { readonly complete: number; readonly incomplete: number }) => void): void;
  };
}

/** Of the picture, or of sound that comes in segments of its own. */
interface StreamLoader {
  readonly p2pLoaders: {
    readonly currentLoader: { readonly trackerClient: Meeting };
    readonly loaders: ReadonlyMap<string, { readonly loader: { readonly trackerClient: Meeting } }>;
  };
  readonly requests: { items(): Iterable<Wish> };
  requestProcessQueueMicrotask(): void;
  updatePlayback(position: number, rate: number): void;
}

interface Engine {
  readonly core: {
    readonly mainStreamLoader?: StreamLoader;
    readonly secondaryStreamLoader?: StreamLoader;
    createNewHybridLoader(segment: unknown): StreamLoader;
  };
}

export class Inside {
  readonly #engine: Engine;
  readonly #attended = new WeakSet<Meeting>();

  constructor(
    engine: unknown,
    private readonly isBanned: (peer: string) => boolean,
    /** How many others who watch the same rendition the tracker knows of. */
    private readonly counted: (others: number) => void,
    /** Seconds. */
    playhead: () => number,
  ) {
    this.#engine = engine as Engine;
    const { core } = this.#engine;
    const make = core.createNewHybridLoader.bind(core);
    // By itself the library thinks that what it is first asked for is what plays, and later that somebody has seeked.
    core.createNewHybridLoader = (segment) => {
      const loader = make(segment);
      loader.updatePlayback(playhead(), 1);
      return loader;
    };
  }

  /** To be called again and again: a rendition has a client of its own, made when its first segment is wanted. */
  attend(): void {
    for (const meeting of this.#meetings()) {
      if (this.#attended.has(meeting)) continue;
      this.#attended.add(meeting);
      // Both for their offers and for their answers to ours, before anything is connected.
      meeting.client.on('peer', (connection) => {
        if (!this.isBanned(fromHex(connection.id))) return;
        // It is gone only in a moment.
        connection.signal = () => undefined;
        connection.destroy();
      });
      meeting.client.on('update', ({ complete, incomplete }) => {
        const { mainStreamLoader: picture } = this.#engine.core;
        if (meeting === picture?.p2pLoaders.currentLoader.trackerClient) this.counted(complete + incomplete - 1);
      });
    }
  }

  /** In a moment: whoever hears an event is in the middle of what the library does with the peer. */
  disconnect(peer: string): void {
    queueMicrotask(() => {
      for (const { _peers } of this.#meetings()) {
        const found = _peers.get(peer);
        found?.peer?.destroy();
        found?.potentialConnections.forEach((connection) => connection.destroy());
      }
    });
  }

  /** By itself the library does so once a second at most: too seldom for a small window. */
  decideWhatToFetch(): void {
    for (const loader of this.#loaders()) loader.requestProcessQueueMicrotask();
  }

  /** The range is fetched from its beginning. With false bytes the library also throws away how many there are to be. */
  restart(runtimeId: string, { start, end }: Range): void {
    for (const { requests } of this.#loaders()) {
      for (const wish of requests.items()) {
        if (wish.segment.runtimeId !== runtimeId) continue;
        wish.clearLoadedBytes();
        wish.setTotalBytes(end - start + 1);
      }
    }
  }

  #loaders(): StreamLoader[] {
    const { mainStreamLoader, secondaryStreamLoader } = this.#engine.core;
    return [mainStreamLoader, secondaryStreamLoader].filter((loader) => loader !== undefined);
  }

  #meetings(): Meeting[] {
    return this.#loaders().flatMap(({ p2pLoaders }) => [...p2pLoaders.loaders.values()].map(({ loader }) => loader.trackerClient));
  }
}

function fromHex(id: string): string {
  return id.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16)));
}

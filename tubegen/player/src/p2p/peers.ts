/**
 * hls.js that fetches segments from other viewers of the same rendition and gives them its own; the only module
 * that knows p2p-media-loader. A chunk of its own, loaded when sharing is wanted.
 */

import type Hls from 'hls.js';
import { Events, type HlsConfig } from 'hls.js';
import { HlsJsP2PEngine } from 'p2p-media-loader-hlsjs';

import type { Run } from '../engine';
import type { Sources } from '../sources';
import type { Traffic } from '../traffic';
import { Guard } from './guard';
import { Line } from './line';
import { wishedWindow, isThin } from './policy';

export interface Swarm {
  /** Canonical address of the master playlist: viewers on a mirror of the site meet those of the site. */
  readonly id: string;
  /** Address of the tracker, `wss://…`. */
  readonly tracker: string;
  /** Addresses of STUN servers, `stun:…`. */
  readonly stun: readonly string[];
}

export type PeersFactory = (
  HlsClass: typeof Hls,
  options: Partial<HlsConfig>,
  sources: Sources,
  traffic: Traffic,
) => Run;

const LOOK_MS = 250;
const FIRST_WINDOW_S = 1;
const BUFFER_S = 30;
const LARGEST_BUFFER_S = 600;
const PHONE_MIB = 256;
const DESKTOP_MIB = 1024;

/** `startBandwidth` in bits per second, 0 when unknown. */
export function peersOf({ id, tracker, stun }: Swarm, startBandwidth: number): PeersFactory {
  return (HlsClass, options, sources, traffic) => {
    const Sharing = HlsJsP2PEngine.injectMixin(HlsClass);
    const line = new Line(startBandwidth);
    const guard = new Guard(sources, () => hls.levels, {
      disconnect: (peer) => disconnect(peer),
      giveUp: () => {
        trusted = false;
        decide();
      },
    });
    const hls = new Sharing({
      ...options,
      p2p: {
        core: {
          swarmId: id,
          announceTrackers: [tracker],
          rtcConfig: { iceServers: stun.map((urls) => ({ urls })) },
          highDemandTimeWindow: FIRST_WINDOW_S,
          httpErrorRetries: 6,
          segmentMemoryStorageLimit: memory(),
          validateP2PSegment: guard.fromPeers,
          validateHTTPSegment: guard.fromHosts,
          httpRequestSetup: guard.request,
        },
      },
    });
    const engine = hls.p2pEngine;
    const connected = new Set<string>();
    let wanted = true;
    let trusted = true;
    let thin = false;
    let exchanging = true;
    let window = FIRST_WINDOW_S;
    let calmSince = performance.now();
    let stalled = false;

    const decide = () => {
      const now = wanted && trusted && !thin;
      if (now === exchanging) return;
      exchanging = now;
      if (!now) {
        connected.clear();
        traffic.peers = 0;
        // The library keeps hls.js short, since it fetches ahead itself.
        Object.assign(hls.config, { maxBufferLength: BUFFER_S, maxMaxBufferLength: LARGEST_BUFFER_S });
      }
      engine.applyDynamicConfig({ core: { isP2PDisabled: !now } });
    };
    const disconnect = (peer: string) => peerOf(engine, peer)?.destroy();
    const bitrate = () => hls.levels[hls.loadLevel]?.maxBitrate ?? 0;
    const look = () => {
      const bandwidth = exchanging ? line.bandwidth : hls.bandwidthEstimate;
      thin = isThin(bandwidth, bitrate(), thin);
      decide();
      const next = wishedWindow({
        peers: connected.size,
        calm: performance.now() - calmSince,
        headroom: bandwidth / bitrate(),
        stalled,
      });
      if (next === window || !exchanging) return;
      window = next;
      engine.applyDynamicConfig({ core: { highDemandTimeWindow: window } });
    };

    engine.addEventListener('onPeerConnect', ({ peerId }) => {
      // Told before the peer is in the list from which it can be thrown out.
      if (guard.isBanned(peerId)) return queueMicrotask(() => disconnect(peerId));
      connected.add(peerId);
      traffic.peers = connected.size;
      look();
    });
    engine.addEventListener('onPeerClose', ({ peerId }) => {
      connected.delete(peerId);
      traffic.peers = connected.size;
    });
    engine.addEventListener('onChunkDownloaded', (bytes, source, peer) => {
      if (source === 'http') {
        traffic.hosts += bytes;
        line.arrived(bytes);
      } else {
        traffic.received += bytes;
        if (peer) guard.received(peer, bytes);
      }
    });
    engine.addEventListener('onChunkUploaded', (bytes) => (traffic.given += bytes));
    engine.addEventListener('onSegmentStart', ({ segment, downloadSource, peerId }) => {
      if (downloadSource === 'http') line.started(segment.url);
      else if (peerId) guard.started(segment, peerId);
    });
    engine.addEventListener('onSegmentLoaded', ({ segmentUrl }) => {
      line.ended(segmentUrl);
      guard.loaded(segmentUrl);
    });
    engine.addEventListener('onSegmentAbort', ({ segment }) => line.ended(segment.url));
    engine.addEventListener('onSegmentError', ({ error, segment, downloadSource }) => {
      line.ended(segment.url);
      guard.failed(segment.url, downloadSource, error.type);
    });
    hls.on(Events.FRAG_LOADED, (_, { frag }) => {
      if (!exchanging || frag.sn === 'initSegment') traffic.hosts += frag.stats.loaded;
    });
    hls.on(Events.MEDIA_ATTACHED, (_, { media }) => {
      media.addEventListener('seeking', () => (calmSince = performance.now()));
      media.addEventListener('waiting', () => (stalled ||= !media.seeking && media.currentTime > 1));
    });
    const timer = setInterval(look, LOOK_MS);
    hls.on(Events.DESTROYING, () => clearInterval(timer));
    const seen = traffic.hosts;
    return {
      hls,
      arrived: () => (exchanging ? traffic.hosts - seen : undefined),
      bandwidth: () => (exchanging ? line.bandwidth : hls.bandwidthEstimate),
      exchange: (on) => {
        wanted = on;
        decide();
      },
    };
  };
}

function memory(): number {
  return matchMedia('(hover: none) and (pointer: coarse)').matches ? PHONE_MIB : DESKTOP_MIB;
}

interface Inside {
  readonly core: {
    readonly mainStreamLoader?: {
      readonly p2pLoaders: {
        readonly currentLoader: { readonly trackerClient: { peers(): Iterable<{ id: string; destroy(): void }> } };
      };
    };
  };
}

/** The library has no way to close a connection: this takes hold of its inside, of the version we pin. */
function peerOf(engine: unknown, id: string): { destroy(): void } | undefined {
  const peers = (engine as Inside).core.mainStreamLoader?.p2pLoaders.currentLoader.trackerClient.peers() ?? [];
  return [...peers].find((peer) => peer.id === id);
}

/**
 * hls.js that fetches segments from other viewers of the same rendition and gives them its own; the only module
 * that knows p2p-media-loader. A chunk of its own, loaded when sharing is wanted.
 */

import type Hls from 'hls.js';
import { Events, type HlsConfig } from 'hls.js';
import { HlsJsP2PEngine } from 'p2p-media-loader-hlsjs';

import { ahead } from '../buffer';
import type { Run } from '../engine';
import type { Sources } from '../sources';
import type { Traffic } from '../traffic';
import { Guard } from './guard';
import { Inside } from './inside';
import { Line } from './line';
import { FIRST_WINDOW_S, HOSTS_AHEAD_S, isThin, wishedWindow } from './policy';

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
const STALL_MS = 60_000;
const EMPTY_S = 0.3;
/** How long others are left alone at least: meeting them anew costs more than a wrong guess. */
const THIN_MS = 60_000;
const BUFFER_S = 30;
const LARGEST_BUFFER_S = 600;
const PHONE_MIB = 256;
const DESKTOP_MIB = 1024;

/** `startBandwidth` in bits per second, 0 when unknown. */
export function peersOf({ id, tracker, stun }: Swarm, startBandwidth: number): PeersFactory {
  const banned = new Set<string>();
  return (HlsClass, options, sources, traffic) => {
    const Sharing = HlsJsP2PEngine.injectMixin(HlsClass);
    const line = new Line(startBandwidth);
    const guard = new Guard(sources, () => hls.levels, banned, {
      disconnect: (peer) => inside.disconnect(peer),
      restart: (segment, range) => inside.restart(segment, range),
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
          isP2PDisabled: true,
          rtcConfig: { iceServers: stun.map((urls) => ({ urls })) },
          highDemandTimeWindow: FIRST_WINDOW_S,
          httpDownloadTimeWindow: HOSTS_AHEAD_S,
          httpErrorRetries: 6,
          segmentMemoryStorageLimit: memory(),
          validateP2PSegment: guard.fromPeers,
          validateHTTPSegment: guard.fromHosts,
          httpRequestSetup: guard.request,
        },
      },
    });
    const engine = hls.p2pEngine;
    const inside = new Inside(
      engine,
      (peer) => banned.has(peer),
      (found) => (others = found),
      () => hls.media?.currentTime ?? 0,
    );
    const connected = new Set<string>();
    let others: number | undefined;
    let wanted = true;
    let trusted = true;
    let thin = false;
    let thinSince = -Infinity;
    // Meeting others keeps the processor busy; the first segment comes from a host anyway, so that comes first.
    let begun = false;
    let exchanging = false;
    let window = FIRST_WINDOW_S;
    let calmSince = performance.now();
    let stalledAt = -Infinity;

    const decide = () => {
      const now = begun && wanted && trusted && !thin;
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
    const bitrate = () => hls.levels[hls.loadLevel]?.maxBitrate ?? 0;
    const look = () => {
      if (!begun) return;
      const bandwidth = exchanging ? line.bandwidth : hls.bandwidthEstimate;
      const tooThin = isThin(bandwidth, bitrate(), thin);
      if (tooThin && !thin) thinSince = performance.now();
      thin = tooThin || performance.now() - thinSince < THIN_MS;
      decide();
      if (!exchanging) return;
      inside.attend();
      const next = wishedWindow({
        peers: connected.size,
        others,
        playable: (hls.media?.readyState ?? 0) >= HTMLMediaElement.HAVE_FUTURE_DATA,
        calm: performance.now() - calmSince,
        headroom: bandwidth / bitrate() || 0,
        segment: hls.levels[hls.loadLevel]?.details?.targetduration ?? 0,
        stalled: performance.now() - stalledAt < STALL_MS,
      });
      if (next !== window) engine.applyDynamicConfig({ core: { highDemandTimeWindow: (window = next) } });
      inside.decideWhatToFetch();
    };

    engine.addEventListener('onPeerConnect', ({ peerId, streamType }) => {
      if (banned.has(peerId)) return inside.disconnect(peerId);
      // For sound of its own, the same viewer connects once more.
      if (streamType !== 'main') return;
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
      inside.attend();
      if (downloadSource === 'http') line.started(segment.url);
      else if (peerId) guard.started(segment, peerId);
    });
    engine.addEventListener('onSegmentLoaded', ({ segmentUrl, downloadSource }) => {
      // Parts of one file have one address.
      if (downloadSource === 'http') line.ended(segmentUrl);
    });
    engine.addEventListener('onSegmentAbort', ({ segment, peerId }) => {
      line.ended(segment.url);
      guard.left(segment, peerId);
    });
    engine.addEventListener('onSegmentError', ({ error, segment, downloadSource, peerId }) => {
      line.ended(segment.url);
      guard.failed(segment, downloadSource, error.type, peerId);
    });
    hls.on(Events.FRAG_LOADED, (_, { frag }) => {
      const { url, sn, stats } = frag;
      if (!exchanging || sn === 'initSegment') traffic.hosts += stats.loaded;
      if (begun || sn === 'initSegment') return;
      begun = true;
      line.took(url, stats.loaded, stats.loading.end - stats.loading.start);
      decide();
    });
    hls.on(Events.MEDIA_ATTACHED, (_, { media }) => {
      media.addEventListener('seeking', () => (calmSince = performance.now()));
      media.addEventListener('waiting', () => {
        // With something ahead, it is the machine that is too busy.
        if (!media.seeking && media.currentTime > 1 && ahead(media as HTMLVideoElement) < EMPTY_S) stalledAt = performance.now();
      });
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

/** Entry: what the boot script calls when the viewer comes near (`prepare`) and wants to watch (`start`). */

import type { Engine, EngineConfig } from './engine';
import { playFile } from './file';
import { inLanguage } from './language';
import { viewing } from './levels';
import { consentOf, type Consent } from './p2p/consent';
import { absolute, mp4Address, pageData, type PageData } from './page';
import { prefer, preferences, type Preferences } from './preferences';
import { preload } from './preload';
import { offerQualities } from './quality';
import { lastPosition } from './resume';
import { moment } from './seeklinks';
import { clock, completed, filled } from './strings';
import { wishes } from './wishes';

const HLS_TYPE = 'application/vnd.apple.mpegurl';

interface Beginning {
  readonly time: number;
  readonly resumed: boolean;
}

export function prepare(video: HTMLVideoElement): void {
  const data = pageData(video);
  void loadParts();
  if (consentOf(data)?.wanted) void loadPeers();
  if (hasMediaSource()) preloadStart(video, data);
}

/** Once the viewer has started it. */
let running: Engine | undefined;
let preloaded: number | undefined;

/** Called for each way to come near; a height is fetched once. */
function preloadStart(video: HTMLVideoElement, data: PageData): void {
  const { bandwidth, height, sound } = chosen(video);
  if (height === preloaded) return;
  preloaded = height;
  const view = viewing(video, { bandwidth, height });
  void preload(absolute(data.hls), view, sound, beginning(data).time).catch(() => undefined);
}

/** As remembered, as chosen a moment ago beside the start button, or as the page's address asks. */
function chosen(video: HTMLVideoElement): Preferences {
  const { height } = video.dataset;
  const { sound: language } = wishes();
  return {
    ...preferences(),
    ...(height !== undefined && { height: Number(height) }),
    ...(language && { sound: { language, name: '' } }),
  };
}

export async function start(video: HTMLVideoElement, button: HTMLElement): Promise<void> {
  const wished = wishes();
  const data = await inLanguage(pageData(video), wished.language, video.parentElement as HTMLElement);
  const { time, resumed } = beginning(data);
  const { bandwidth, height, sound } = chosen(video);
  prefer({ height });
  const mp4 = mp4Address(video);
  const config = { playlist: absolute(data.hls), mp4, startTime: time, bandwidth, height, sound, mirrors: data.mirrors ?? [] };
  const consent = consentOf(data);
  const parts = loadParts();
  const meeting = consent?.wanted ? loadPeers() : undefined;
  const [{ upgrade }, engineModule] = await parts;

  const engine = (running = engineModule?.createEngine(config));
  if (engine) rememberWhatItFinds(video, engine, height);
  const { notify, focus } = upgrade(video, data, wished, {
    engine,
    figures: (root, strings) => void import('./p2p/panel').then(({ openPanel }) => openPanel(root, strings, { video, engine, consent: engine && consent, id: data.id })),
  });
  const hadFocus = button === document.activeElement;
  button.remove();
  if (hadFocus) focus();
  if (resumed) notify(filled(completed(data.strings).resumed, { time: clock(time) }));

  // The controls are up before this has come.
  const peersModule = await meeting;
  if (engine && consent) share(engine, consent, data, bandwidth, peersModule);
  video.preload = 'auto';
  if (engine) engine.attach(video);
  else playByBrowser(video, config);
  await video.play().catch(() => undefined);
}

/** For embeds whose owner wants to command them (`?api=1`). */
export async function obey(video: HTMLVideoElement): Promise<void> {
  const { listenToParent } = await import('./remote');
  listenToParent(video, () => running);
}

/** The controls and the engine do not need each other: fetched at the same time. */
function loadParts() {
  return Promise.all([import('./upgrade'), hasMediaSource() ? import('./engine').catch(() => undefined) : undefined]);
}

async function loadPeers() {
  return hasMediaSource() ? import('./p2p/peers').catch(() => undefined) : undefined;
}

function hasMediaSource(): boolean {
  return 'ManagedMediaSource' in globalThis || 'MediaSource' in globalThis;
}

function beginning({ id, duration }: PageData): Beginning {
  const linked = moment(location.hash) ?? wishes().start;
  const time = linked ?? lastPosition(id, duration);
  return { time, resumed: linked === undefined && time > 0 };
}

/** To be called before the controls look at the element. */
function rememberWhatItFinds(video: HTMLVideoElement, engine: Engine, height: number): void {
  let bandwidth = 0;
  engine.on('bandwidth', (measured) => (bandwidth = Math.round(measured)));
  engine.on('fallback', (reason) => console.warn(`Playing the MP4 instead of HLS: ${reason}`));
  addEventListener('pagehide', () => bandwidth && prefer({ bandwidth }));
  offerQualities(video, engine, height);
}

function share(
  engine: Engine,
  consent: Consent,
  { swarm }: PageData,
  bandwidth: number,
  loaded: Awaited<ReturnType<typeof loadPeers>>,
): void {
  if (!swarm) return;
  let module = loaded;
  let peers = module?.peersOf(swarm, bandwidth);
  if (consent.wanted) engine.share(peers);
  consent.onChange(async (wanted) => {
    if (wanted) module ??= await loadPeers();
    peers ??= module?.peersOf(swarm, bandwidth);
    engine.share(consent.wanted ? peers : undefined);
  });
}

/** Browsers without Media Source Extensions play HLS themselves or not at all. */
function playByBrowser(video: HTMLVideoElement, { playlist, mp4, startTime: time }: EngineConfig): void {
  const native = video.canPlayType(HLS_TYPE) !== '' && !hasMediaSource();
  if (native && mp4) video.addEventListener('error', () => playFile(video, mp4, { time: video.currentTime || time, playing: true }), { once: true });
  const address = native ? playlist : mp4;
  if (address) playFile(video, address, { time, playing: false });
}

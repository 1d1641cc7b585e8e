/** Entry: what the boot script calls when the viewer comes near (`prepare`) and wants to watch (`start`). */

import type { EngineConfig } from './engine';
import { playFile } from './file';
import { viewing } from './levels';
import { absolute, mp4Address, pageData, type PageData } from './page';
import { prefer, preferences } from './preferences';
import { preload } from './preload';
import { offerQualities } from './quality';
import { lastPosition } from './resume';
import { moment } from './seeklinks';
import { clock, completed, filled } from './strings';

const HLS_TYPE = 'application/vnd.apple.mpegurl';

interface Beginning {
  readonly time: number;
  readonly resumed: boolean;
}

export function prepare(video: HTMLVideoElement): void {
  const data = pageData(video);
  void loadParts();
  if (hasMediaSource()) preload(absolute(data.hls), viewing(video, preferences()), beginning(data).time).catch(() => undefined);
}

export async function start(video: HTMLVideoElement, button: HTMLElement): Promise<void> {
  const data = pageData(video);
  const { time, resumed } = beginning(data);
  const { bandwidth, height } = preferences();
  const mp4 = mp4Address(video);
  const config = { playlist: absolute(data.hls), mp4, startTime: time, bandwidth, height };
  const [{ upgrade }, engineModule] = await loadParts();

  const play = engineModule ? playByEngine(video, engineModule, config) : () => playByBrowser(video, config);
  const { notify, focus } = upgrade(video, data);
  const hadFocus = button === document.activeElement;
  button.remove();
  if (hadFocus) focus();
  if (resumed) notify(filled(completed(data.strings).resumed, { time: clock(time) }));

  video.preload = 'auto';
  play();
  await video.play().catch(() => undefined);
}

/** The controls and the engine do not need each other: fetched at the same time. */
function loadParts() {
  return Promise.all([
    import('./upgrade'),
    hasMediaSource() ? import('./engine').catch(() => undefined) : undefined,
  ]);
}

function hasMediaSource(): boolean {
  return 'ManagedMediaSource' in globalThis || 'MediaSource' in globalThis;
}

function beginning({ id, duration }: PageData): Beginning {
  const linked = moment(location.hash);
  const time = linked ?? lastPosition(id, duration);
  return { time, resumed: linked === undefined && time > 0 };
}

/** Returns what starts it, once the controls are there. */
function playByEngine(
  video: HTMLVideoElement,
  { createEngine }: typeof import('./engine'),
  config: EngineConfig,
): () => void {
  const engine = createEngine(config);
  let bandwidth = 0;
  engine.on('bandwidth', (measured) => (bandwidth = Math.round(measured)));
  engine.on('fallback', (reason) => console.warn(`Playing the MP4 instead of HLS: ${reason}`));
  addEventListener('pagehide', () => bandwidth && prefer({ bandwidth }));
  offerQualities(video, engine, config.height);
  return () => engine.attach(video);
}

/** Browsers without Media Source Extensions play HLS themselves or not at all. */
function playByBrowser(video: HTMLVideoElement, { playlist, mp4, startTime: time }: EngineConfig): void {
  const native = video.canPlayType(HLS_TYPE) !== '' && !hasMediaSource();
  if (native && mp4) video.addEventListener('error', () => playFile(video, mp4, { time: video.currentTime || time, playing: true }), { once: true });
  const address = native ? playlist : mp4;
  if (address) playFile(video, address, { time, playing: false });
}

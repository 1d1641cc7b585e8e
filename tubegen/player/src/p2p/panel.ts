/** The panel of figures: where the video came from, and how playing goes. A chunk of its own. */

import { ahead } from '../buffer';
import { modal } from '../dialog';
import type { Engine, Playing } from '../engine';
import type { Strings } from '../strings';
import type { Consent } from './consent';

const EVERY_MS = 1000;

export interface Shown {
  readonly video: HTMLVideoElement;
  /** Absent where the browser plays by itself. */
  readonly engine: Engine | undefined;
  /** Absent where nobody can share. */
  readonly consent: Consent | undefined;
  /** The video's UUID. */
  readonly id: string;
}

export function openPanel(root: ShadowRoot, strings: Strings, shown: Shown): void {
  const { consent } = shown;
  const switches = consent ? '<label><input type="checkbox" role="switch"><span></span></label><p class="hint"></p>' : '';
  const { element, open } = modal(root, 'figures-title', strings.figures, strings.close, `${switches}<dl class="figures"></dl>`);
  const list = element.querySelector('dl') as HTMLElement;
  list.before(style());
  if (consent) offerSwitch(element, consent, strings);
  const show = () => list.replaceChildren(...figures(shown, strings).flatMap(([name, value]) => [part('dt', name), part('dd', value)]));
  const timer = setInterval(show, EVERY_MS);
  element.addEventListener('close', () => {
    clearInterval(timer);
    element.remove();
  });
  show();
  open();
}

function figures({ video, engine, consent, id }: Shown, strings: Strings): [string, string][] {
  const { droppedVideoFrames: dropped, totalVideoFrames: all } = video.getVideoPlaybackQuality();
  const playing = engine?.playing;
  const found: [string, string | false | undefined][] = [
    [strings.fromSite, engine && size(engine.traffic.hosts)],
    [strings.fromViewers, engine && consent && size(engine.traffic.received)],
    [strings.toViewers, engine && consent && size(engine.traffic.given)],
    [strings.viewers, engine && consent && number(engine.traffic.peers)],
    [strings.line, playing?.bandwidth ? rate(playing.bandwidth) : undefined],
    [strings.buffer, unit(ahead(video), 'second')],
    [strings.dropped, leftToRight(`${number(dropped)} / ${number(all)}`)],
    [strings.quality, quality(video, playing)],
    [strings.viewport, viewport(video)],
    [strings.sound, engine?.sound?.name],
    [strings.volume, video.muted ? number(0, 'percent') : number(video.volume, 'percent')],
    [strings.codecs, playing?.codecs],
    [strings.mode, mode(video, playing)],
    [strings.identity, id],
  ];
  return found.flatMap(([name, value]) => (value ? [[name, value] satisfies [string, string]] : []));
}

function quality({ videoWidth, videoHeight }: HTMLVideoElement, playing: Playing | undefined): string {
  if (!videoHeight) return '–';
  return `${leftToRight(`${videoWidth} × ${videoHeight}`)}${playing?.bitrate ? `, ${rate(playing.bitrate)}` : ''}`;
}

/** Pixels of the page, and how many of the screen each of them has. */
function viewport({ clientWidth, clientHeight }: HTMLVideoElement): string {
  return leftToRight(`${clientWidth} × ${clientHeight}${devicePixelRatio === 1 ? '' : ` × ${number(devicePixelRatio)}`}`);
}

function mode({ currentSrc }: HTMLVideoElement, playing: Playing | undefined): string {
  if (playing) return playing.shared ? 'HLS, P2P' : 'HLS';
  return currentSrc.includes('.m3u8') ? 'HLS' : 'MP4';
}

function offerSwitch(element: HTMLElement, consent: Consent, strings: Strings): void {
  const box = element.querySelector('input') as HTMLInputElement;
  (element.querySelector('label span') as HTMLElement).textContent = strings.share;
  (element.querySelector('.hint') as HTMLElement).textContent = strings.shareHint;
  box.checked = consent.wanted;
  box.addEventListener('change', () => consent.set(box.checked));
}

const language = document.documentElement.lang || undefined;

function number(value: number, style: 'decimal' | 'percent' = 'decimal'): string {
  return value.toLocaleString(language, { style, maximumFractionDigits: 2 });
}

function unit(value: number, name: string): string {
  return value.toLocaleString(language, { style: 'unit', unit: name, maximumFractionDigits: 1 });
}

function size(bytes: number): string {
  return unit(bytes / 1e6, 'megabyte');
}

/** Also among words that run the other way. */
function leftToRight(text: string): string {
  return `\u2066${text}\u2069`;
}

function rate(bits: number): string {
  return unit(bits / 1e6, 'megabit-per-second');
}

function part(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function style(): HTMLElement {
  const element = document.createElement('style');
  element.textContent = `
    .figures { grid-template-columns: fit-content(55%) 1fr; gap: .4rem 1rem; } .figures dt { margin: 0; text-align: start; white-space: normal; direction: inherit; color: #c5c5cd; }
    .figures dd { text-align: end; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; } .hint { margin: 0 0 1rem; color: #c5c5cd; font-size: .9rem; }`;
  return element;
}

/** The panel of figures: where the video came from, and how playing goes. A chunk of its own. */

import { ahead } from '../buffer';
import { modal } from '../dialog';
import type { Engine } from '../engine';
import type { Strings } from '../strings';
import type { Consent } from './consent';

const EVERY_MS = 1000;

/** `engine` is absent where the browser plays by itself. */
export function openPanel(
  root: ShadowRoot,
  strings: Strings,
  video: HTMLVideoElement,
  engine: Engine | undefined,
  consent: Consent | undefined,
): void {
  const switches = consent ? '<label><input type="checkbox" role="switch"><span></span></label><p class="hint"></p>' : '';
  const { element, open } = modal(root, 'figures-title', strings.figures, strings.close, `${switches}<dl class="figures"></dl>`);
  const list = element.querySelector('dl') as HTMLElement;
  list.before(style());
  if (consent) offerSwitch(element, consent, strings);
  const show = () => list.replaceChildren(...figures(video, engine, consent, strings).flatMap(([name, value]) => [part('dt', name), part('dd', value)]));
  const timer = setInterval(show, EVERY_MS);
  element.addEventListener('close', () => {
    clearInterval(timer);
    element.remove();
  });
  show();
  open();
}

function figures(
  video: HTMLVideoElement,
  engine: Engine | undefined,
  consent: Consent | undefined,
  strings: Strings,
): [string, string][] {
  const { droppedVideoFrames: dropped, totalVideoFrames: all } = video.getVideoPlaybackQuality();
  const sharing: [string, string][] =
    engine && consent
      ? [
          [strings.fromViewers, size(engine.traffic.received)],
          [strings.toViewers, size(engine.traffic.given)],
          [strings.viewers, number(engine.traffic.peers)],
        ]
      : [];
  return [
    ...(engine ? [[strings.fromSite, size(engine.traffic.hosts)] satisfies [string, string]] : []),
    ...sharing,
    [strings.buffer, unit(ahead(video), 'second')],
    [strings.quality, video.videoHeight ? `${video.videoWidth} × ${video.videoHeight}` : '–'],
    [strings.dropped, `${number(dropped)} / ${number(all)}`],
  ];
}

function offerSwitch(element: HTMLElement, consent: Consent, strings: Strings): void {
  const box = element.querySelector('input') as HTMLInputElement;
  (element.querySelector('label span') as HTMLElement).textContent = strings.share;
  (element.querySelector('.hint') as HTMLElement).textContent = strings.shareHint;
  box.checked = consent.wanted;
  box.addEventListener('change', () => consent.set(box.checked));
}

const language = document.documentElement.lang || undefined;

function number(value: number): string {
  return value.toLocaleString(language);
}

function unit(value: number, name: string): string {
  return value.toLocaleString(language, { style: 'unit', unit: name, maximumFractionDigits: 1 });
}

function size(bytes: number): string {
  return unit(bytes / 1e6, 'megabyte');
}

function part(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function style(): HTMLElement {
  const element = document.createElement('style');
  element.textContent = `
    .figures { grid-template-columns: 1fr auto; gap: .4rem 1rem; } .figures dt { margin: 0; text-align: start; white-space: normal; direction: inherit; color: #c5c5cd; }
    .figures dd { text-align: end; font-variant-numeric: tabular-nums; } .hint { margin: 0 0 1rem; color: #c5c5cd; font-size: .9rem; }`;
  return element;
}

/**
 * Carries the engine's renditions to the quality menu, and the viewer's choice back.
 * media-chrome asks the element for `videoRenditions`, a list that no browser has: this is it.
 */

import type { Engine, EngineEvents } from './engine';
import { prefer } from './preferences';

interface Rendition {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly bitrate: number;
}

class RenditionList extends Array<Rendition> {
  readonly #events = new EventTarget();
  #selected = '';

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  addEventListener(type: string, listener: () => void): void {
    this.#events.addEventListener(type, listener);
  }

  removeEventListener(type: string, listener: () => void): void {
    this.#events.removeEventListener(type, listener);
  }

  /** −1 for automatic. */
  get selectedIndex(): number {
    return this.findIndex(({ id }) => id === this.#selected);
  }

  set selectedIndex(index: number) {
    this.#selected = this[index]?.id ?? '';
    this.#events.dispatchEvent(new Event('change'));
  }

  replace(levels: EngineEvents['levels'], selected: number): void {
    this.splice(0, this.length);
    for (const { width, height, bitrate } of levels) this.push({ id: `${height}`, width, height, bitrate });
    this.#selected = `${selected}`;
    this.#events.dispatchEvent(new Event('addrendition'));
  }
}

/** To be called before the controls look at the element. `remembered` is a height, 0 for automatic. */
export function offerQualities(video: HTMLVideoElement, engine: Engine, remembered: number): void {
  const list = new RenditionList();
  Object.defineProperty(video, 'videoRenditions', { value: list });
  engine.on('levels', (levels) => list.replace(levels, remembered));
  engine.on('fallback', () => list.replace([], 0));
  list.addEventListener('change', () => {
    const height = list[list.selectedIndex]?.height ?? 0;
    engine.chooseHeight(height);
    prefer({ height });
  });
}

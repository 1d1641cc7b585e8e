/** The list of keys, in a modal dialog, and the switch that limits them to the player. */

import { modal } from './dialog';
import { prefer, preferences } from './preferences';
import type { Strings } from './strings';

export function helpDialog(root: ShadowRoot, strings: Strings): () => void {
  const keys: readonly (readonly [string, string])[] = [
    ['space k', strings.keyPlay],
    ['← →', strings.keySeek],
    ['j l', strings.keySeekFar],
    ['↑ ↓', strings.keyVolume],
    ['m', strings.mute],
    ['c', strings.captions],
    ['f', strings.fullscreen],
    ['t', strings.theatre],
    ['i', strings.pip],
    ['< >', strings.keySpeed],
    [', .', strings.keyFrame],
    ['home end', strings.keyEnds],
    ['0 … 9', strings.keyTenths],
    ['r', strings.loop],
    ['P N', strings.keyPlaylist],
    ['?', strings.keyHelp],
  ];
  const content = '<dl></dl><label><input type="checkbox"><span></span></label>';
  const { element, open } = modal(root, 'help-title', strings.keyboard, strings.close, content);
  const part = <E extends Element = HTMLElement>(selector: string) => element.querySelector<E>(selector) as E;
  part('span').textContent = strings.keyboardEverywhere;
  part('dl').append(...keys.flatMap(([names, meaning]) => [term(names), definition(meaning)]));
  const everywhere = part<HTMLInputElement>('input');
  everywhere.checked = preferences().keysEverywhere;
  everywhere.addEventListener('change', () => prefer({ keysEverywhere: everywhere.checked }));
  return open;
}

function term(names: string): HTMLElement {
  const dt = document.createElement('dt');
  const keys = document.createElement('bdi');
  keys.dir = 'ltr';
  for (const name of names.split(' ')) {
    const kbd = document.createElement(name === '…' ? 'span' : 'kbd');
    kbd.textContent = name;
    keys.append(kbd, ' ');
  }
  dt.append(keys);
  return dt;
}

function definition(meaning: string): HTMLElement {
  const dd = document.createElement('dd');
  dd.textContent = meaning;
  return dd;
}

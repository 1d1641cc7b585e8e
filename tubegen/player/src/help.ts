/** The list of keys, in a modal dialog, and the switch that limits them to the player. */

import { prefer, preferences } from './preferences';
import type { Strings } from './strings';

const STYLE = `
  dialog { max-width: min(30rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); box-sizing: border-box;
    padding: 1.25rem; overflow: auto; border: 0; border-radius: .75rem; color: #f4f4f5; background: #1c1c22;
    font: 1rem/1.5 var(--player-font, system-ui, sans-serif); }
  dialog::backdrop { background: #000a; }
  h2 { margin: 0 0 .75rem; font-size: 1.15rem; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1rem; margin: 0 0 1rem; }
  dt { direction: ltr; text-align: end; white-space: nowrap; }
  dd { margin: 0; }
  kbd { padding: .1em .45em; border: 1px solid #8a8a94; border-radius: .3em; font: .85em ui-monospace, monospace; }
  label { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; }
  input { width: 1.25rem; height: 1.25rem; flex: none; accent-color: var(--player-accent, #7ab8ff); }
  button { min-height: 2.75rem; padding: 0 1.25rem; border: 0; border-radius: .5rem; color: #111; background: #f4f4f5;
    font: inherit; cursor: pointer; }
  :focus-visible { outline: 2px solid var(--player-focus, #fff); outline-offset: 2px; }
  @media (max-width: 26rem) { dl { grid-template-columns: 1fr; gap: 0; } dt { text-align: start; margin-top: .4rem; } }
  @media (forced-colors: active) { dialog { border: 1px solid; } button { border: 1px solid; } }
`;

export function helpDialog(root: ShadowRoot, strings: Strings): () => void {
  const dialog = document.createElement('dialog');
  const keys: readonly (readonly [string, string])[] = [
    ['space k', strings.keyPlay],
    ['← →', strings.keySeek],
    ['j l', strings.keySeekFar],
    ['↑ ↓', strings.keyVolume],
    ['m', strings.mute],
    ['c', strings.captions],
    ['f', strings.fullscreen],
    ['i', strings.pip],
    ['< >', strings.keySpeed],
    [', .', strings.keyFrame],
    ['home end', strings.keyEnds],
    ['0 … 9', strings.keyTenths],
    ['?', strings.keyHelp],
  ];
  dialog.innerHTML = `<style>${STYLE}</style><h2 id="help-title"></h2><dl></dl>
    <label><input type="checkbox"><span></span></label><form method="dialog"><button></button></form>`;
  dialog.setAttribute('aria-labelledby', 'help-title');
  const part = <E extends Element = HTMLElement>(selector: string) => dialog.querySelector<E>(selector) as E;
  part('h2').textContent = strings.keyboard;
  part('span').textContent = strings.keyboardEverywhere;
  part('button').textContent = strings.close;
  part('dl').append(...keys.flatMap(([names, meaning]) => [term(names), definition(meaning)]));
  const everywhere = part<HTMLInputElement>('input');
  everywhere.checked = preferences().keysEverywhere;
  everywhere.addEventListener('change', () => prefer({ keysEverywhere: everywhere.checked }));
  root.append(dialog);
  return () => {
    dialog.showModal();
    part('button').focus();
  };
}

function term(names: string): HTMLElement {
  const dt = document.createElement('dt');
  for (const name of names.split(' ')) {
    const kbd = document.createElement(name === '…' ? 'span' : 'kbd');
    kbd.textContent = name;
    dt.append(kbd, ' ');
  }
  return dt;
}

function definition(meaning: string): HTMLElement {
  const dd = document.createElement('dd');
  dd.textContent = meaning;
  return dd;
}

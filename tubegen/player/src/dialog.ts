/** Modal dialogs of the player: one look, a heading, a button that closes them. */

const STYLE = `
  dialog { max-width: min(30rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); box-sizing: border-box;
    padding: 1.25rem; overflow: auto; border: 0; border-radius: .75rem; color: #f4f4f5; background: #1c1c22;
    font: 1rem/1.5 var(--player-font, system-ui, sans-serif); text-align: start; }
  dialog::backdrop { background: #000a; }
  dialog h2 { margin: 0 0 .75rem; font-size: 1.15rem; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1rem; margin: 0 0 1rem; }
  dt { text-align: end; white-space: nowrap; }
  dd { margin: 0; }
  kbd { padding: .1em .45em; border: 1px solid #8a8a94; border-radius: .3em; font: .85em ui-monospace, monospace; }
  dialog label { display: flex; gap: .6rem 1rem; align-items: center; min-height: 2.75rem; }
  dialog select { flex: none; width: 11rem; max-width: 60%; min-height: 2.75rem; margin-inline-start: auto;
    padding: 0 .6rem; border: 1px solid #8a8a94; border-radius: .5rem; color: inherit; background: #2a2a32; font: inherit; }
  dialog input { width: 1.25rem; height: 1.25rem; flex: none; accent-color: var(--player-accent, #7ab8ff); }
  dialog form { margin-top: 1rem; }
  dialog button { min-height: 2.75rem; padding: 0 1.25rem; border: 0; border-radius: .5rem; color: #111; background: #f4f4f5;
    font: inherit; cursor: pointer; }
  dialog :focus-visible { outline: 2px solid var(--player-focus, #fff); outline-offset: 2px; }
  @media (max-width: 26rem) { dl { grid-template-columns: 1fr; gap: 0; } dt { text-align: start; margin-top: .4rem; } }
  @media (forced-colors: active) { dialog { border: 1px solid; } dialog button { border: 1px solid; } }
`;

export interface Modal {
  readonly element: HTMLDialogElement;
  open(): void;
}

/** `content` is markup between the heading and the closing button, without anybody's words in it. */
export function modal(root: ShadowRoot, id: string, title: string, close: string, content: string): Modal {
  const element = document.createElement('dialog');
  element.innerHTML = `<style>${STYLE}</style><h2 id="${id}"></h2>${content}<form method="dialog"><button></button></form>`;
  element.setAttribute('aria-labelledby', id);
  const button = element.querySelector('form button') as HTMLButtonElement;
  (element.querySelector('h2') as HTMLElement).textContent = title;
  button.textContent = close;
  root.append(element);
  return {
    element,
    open: () => {
      element.showModal();
      // A long one begins at its beginning.
      button.focus({ preventScroll: true });
      element.scrollTop = 0;
    },
  };
}

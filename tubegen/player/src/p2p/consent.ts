/**
 * Whether the viewer shares. The page's switch (a checkbox under `data-sharing`) says so where there is one; the
 * boot script remembers it. An embed has none: there the switch in the panel is the only one.
 */

import { canVerify } from '../integrity';
import type { PageData } from '../page';

export const KEY = 'tubegen:sharing';

export interface Consent {
  readonly wanted: boolean;
  set(wanted: boolean): void;
  onChange(listener: (wanted: boolean) => void): void;
}

declare global {
  interface Navigator {
    readonly connection?: { readonly saveData?: boolean; readonly type?: string };
  }
}

/** Undefined where nobody can share: no tracker, not for this video, or not in this browser. */
export function consentOf({ p2p, swarm, embed }: PageData): Consent | undefined {
  if (!swarm || p2p === 'off' || !canVerify || !('RTCPeerConnection' in globalThis)) return undefined;
  const box = document.querySelector<HTMLInputElement>('[data-sharing] input');
  const listeners: ((wanted: boolean) => void)[] = [];
  let wanted = remembered() ?? (p2p === 'on' && !embed && !metered());
  const tell = () => {
    for (const listener of listeners) listener(wanted);
  };
  if (box) {
    box.checked = wanted;
    box.addEventListener('change', () => {
      wanted = box.checked;
      tell();
    });
  }
  return {
    get wanted() {
      return wanted;
    },
    set: (to) => {
      wanted = to;
      if (box) box.checked = to;
      remember(to);
      tell();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** Lines that are paid by the byte share only for viewers who said so themselves. */
function metered(): boolean {
  const { saveData, type } = navigator.connection ?? {};
  return Boolean(saveData) || type === 'cellular';
}

function remembered(): boolean | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === null ? undefined : kept === 'true';
  } catch {
    return undefined;
  }
}

function remember(wanted: boolean): void {
  try {
    localStorage.setItem(KEY, `${wanted}`);
  } catch {
    // Nothing to do: it holds for this page.
  }
}

/** How captions look: size, colours and letters of the viewer's own, for every video of the site. */

import { captionTracks } from './captions';
import { onChoose, type Controls } from './controls';
import { modal } from './dialog';
import { prefer, preferences, type CaptionLook } from './preferences';
import type { Strings } from './strings';

/** What each choice adds to `::cue`. An empty choice adds nothing: then the system's own settings hold. */
const LOOKS: Readonly<Record<keyof CaptionLook, Readonly<Record<string, string>>>> = {
  size: { small: 'font-size:75%', large: 'font-size:135%', larger: 'font-size:180%' },
  colour: { white: 'color:#fff', yellow: 'color:#ff0', cyan: 'color:#0ff', green: 'color:#6f6' },
  background: {
    solid: 'background:#000',
    shade: 'background:#000b',
    none: 'background:transparent;text-shadow:0 0 4px #000,1px 1px 2px #000,-1px -1px 2px #000',
  },
  font: { sans: 'font-family:sans-serif', serif: 'font-family:serif', mono: 'font-family:monospace' },
};

/** The declarations for a look: `font-size:135%;color:#ff0`. Unknown choices are skipped. */
export function declarations(look: Partial<CaptionLook>): string {
  const names = Object.keys(LOOKS) as (keyof CaptionLook)[];
  return names.flatMap((name) => LOOKS[name][look[name] ?? ''] ?? []).join(';');
}

export function offerCaptionLook(video: HTMLVideoElement, controls: Controls, strings: Strings): void {
  const style = document.createElement('style');
  const apply = () => (style.textContent = `video::cue{${declarations(preferences().captionLook)}}`);
  document.head.append(style);
  apply();
  controls.lookItem.hidden = !captionTracks(video).length;

  const { element, open } = modal(controls.root, 'look-title', strings.captionLook, strings.close, '<div></div>');
  const words: Readonly<Record<string, string>> = strings;
  for (const [name, choices] of Object.entries(LOOKS)) {
    const select = document.createElement('select');
    for (const choice of ['', ...Object.keys(choices)])
      select.add(new Option(choice ? words[`look_${choice}`] : strings.lookUsual, choice));
    select.value = preferences().captionLook[name as keyof CaptionLook] ?? '';
    select.addEventListener('change', () => {
      prefer({ captionLook: { ...preferences().captionLook, [name]: select.value } });
      apply();
    });
    const label = document.createElement('label');
    label.append(words[`look_${name}`] ?? name, select);
    element.querySelector('div')?.append(label);
  }
  onChoose(controls.lookItem, () => {
    controls.settings.hidden = true;
    open();
  });
}

/** The menu of sounds: languages, descriptions, commentaries, by the names that their authors gave them. */

import { createMenuItem } from 'media-chrome/menu/media-chrome-menu';

import { onChoose, type Controls } from './controls';
import type { Engine } from './engine';
import { prefer } from './preferences';
import type { Sound } from './sounds';

export function offerSounds(engine: Engine, { soundMenu: menu, soundItem }: Controls): void {
  const mark = () => {
    const { sound } = engine;
    for (const item of menu.radioGroupItems) item.checked = Boolean(sound) && item.value === value(sound as Sound);
    // The settings menu repeats the checked item's text when its submenu says that it has changed.
    menu.dispatchEvent(new Event('change'));
  };
  const choose = (sound: Sound) => {
    engine.chooseSound(sound);
    prefer({ sound: { language: sound.language, name: sound.name } });
  };
  const fill = (sounds: readonly Sound[]) => {
    soundItem.hidden = sounds.length < 2;
    menu.defaultSlot.replaceChildren(...sounds.map((sound) => soundMenuItem(sound, () => choose(sound))));
    mark();
  };
  engine.on('sounds', fill);
  engine.on('sound', mark);
  engine.on('fallback', () => fill([]));
}

function soundMenuItem(sound: Sound, choose: () => void): HTMLElement {
  const item = createMenuItem({ type: 'radio', text: sound.name, value: value(sound), checked: false });
  item.dataset['description'] = sound.name;
  onChoose(item, choose);
  return item;
}

function value({ language, name }: Sound): string {
  return `${language} ${name}`;
}

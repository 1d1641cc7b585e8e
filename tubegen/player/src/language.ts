/** Embeds may ask for the controls in a language of their own, if the site has it. */

import { absolute, type PageData } from './page';
import type { Strings } from './strings';

interface Words {
  readonly direction: string;
  readonly strings: Partial<Strings>;
}

/** The page's data with the words of `language`; as it was when there are none. Turns the frame to their side. */
export async function inLanguage(data: PageData, language: string, frame: HTMLElement): Promise<PageData> {
  const { languages = {} } = data;
  const address = languages[language] ?? languages[language.split('-')[0] ?? ''];
  if (!address) return data;
  try {
    const { direction, strings } = (await (await fetch(absolute(address))).json()) as Words;
    Object.assign(frame, { lang: language, dir: direction });
    return { ...data, strings };
  } catch {
    return data;
  }
}

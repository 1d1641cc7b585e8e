/** Which of several tracks of sound to play. The preloader and the engine ask the same question and must agree. */

export interface Sound {
  /** BCP 47; empty when nobody says. */
  readonly language: string;
  /** As its author calls it: a language, `Audio description`, a commentary. */
  readonly name: string;
}

/** As the master playlist has it. */
export interface ListedSound extends Sound {
  /** The one for who has no wish. */
  readonly usual: boolean;
}

export function same(a: Sound, b: Sound): boolean {
  return a.language === b.language && a.name === b.name;
}

/** What the viewer chose last, at least its language; else the page's language; else the usual one. */
export function startSound<S extends ListedSound>(
  sounds: readonly S[],
  chosen: Sound,
  pageLanguage = document.documentElement.lang,
): S | undefined {
  const [first] = [...sounds].sort((a, b) => Number(b.usual) - Number(a.usual));
  const inLanguage = (tag: string) => {
    const found = tag ? sounds.filter(({ language }) => base(language) === base(tag)) : [];
    return found.find(({ usual }) => usual) ?? found[0];
  };
  return sounds.find((sound) => same(sound, chosen)) ?? inLanguage(chosen.language) ?? inLanguage(pageLanguage) ?? first;
}

function base(tag: string): string | undefined {
  return tag.toLowerCase().split('-')[0];
}

/** The words of the player. English is built in; the page hands over other languages by key (`strings.json`). */

import english from './strings.json';

export type Strings = Readonly<Record<keyof typeof english, string>>;

export function completed(strings: Partial<Strings> | undefined): Strings {
  return { ...english, ...strings };
}

export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** 3725 → "1:02:05" */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => `${n}`.padStart(2, '0');
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

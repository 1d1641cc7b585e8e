/** Captions: the viewer's language first, the last choice kept, and not under the controls. */

import { prefer, preferences } from './preferences';

export function captionTracks(video: HTMLVideoElement): TextTrack[] {
  return Array.from(video.textTracks).filter(({ kind }) => kind === 'captions' || kind === 'subtitles');
}

function languageRank(language: string, wanted: readonly string[]): number {
  const base = (tag: string) => tag.toLowerCase().split('-')[0];
  const rank = wanted.findIndex((tag) => base(tag) === base(language));
  return rank < 0 ? wanted.length : rank;
}

/** The captions button turns the first track on: put the one the viewer reads first. */
export function putViewersLanguageFirst(video: HTMLVideoElement, wished: string): void {
  const wanted = [wished, preferences().captions, ...navigator.languages].filter(Boolean);
  const tracks = [...video.querySelectorAll<HTMLTrackElement>('track:is([kind=captions],[kind=subtitles])')];
  const sorted = [...tracks].sort((a, b) => languageRank(a.srclang, wanted) - languageRank(b.srclang, wanted));
  if (sorted[0] !== tracks[0]) tracks[0]?.before(...sorted);
}

/** `wished`: the language to show this once, whatever the viewer chose before. */
export function keepCaptions(video: HTMLVideoElement, wished: string): void {
  const showing = () => captionTracks(video).find(({ mode }) => mode === 'showing')?.language ?? '';
  const captions = wished || preferences().captions;
  const chosen = captions && captionTracks(video).find(({ language }) => language === captions);
  if (chosen) chosen.mode = 'showing';
  let known = showing();
  video.textTracks.addEventListener('change', () => {
    if (showing() === known) return;
    known = showing();
    prefer({ captions: known });
  });
}

/**
 * Lifts the captions while the controls cover the lowest `covered()` pixels of the picture. Browsers built on
 * WebKit and Blink draw captions in a box of this name; moving single cues instead has no effect in Blink.
 */
export function keepCaptionsClear(video: HTMLVideoElement, covered: () => number): () => void {
  const style = document.createElement('style');
  style.textContent =
    'video::-webkit-media-text-track-container{transform:translateY(calc(-1px*var(--player-covered,0)));transition:transform .2s}';
  document.head.append(style);
  const place = () => video.style.setProperty('--player-covered', `${covered()}`);
  for (const event of ['play', 'pause']) video.addEventListener(event, place);
  return place;
}

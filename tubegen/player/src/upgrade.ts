/** Turns the plain video into the player: builds the controls and connects everything to them. */

import { offerCaptionLook } from './captionlook';
import { keepCaptions, keepCaptionsClear, putViewersLanguageFirst } from './captions';
import { loadHiddenTracks, showChapters } from './chapters';
import { buildControls, onChoose } from './controls';
import type { Engine } from './engine';
import { showErrors } from './errors';
import { listenToGestures } from './gestures';
import { helpDialog } from './help';
import { listenToKeys } from './keyboard';
import { announce } from './mediasession';
import { endAt, offerLoop, offerTheatre } from './modes';
import { noticeOf } from './notice';
import { mp4Address, type PageData } from './page';
import { go, neighbours, offerNext } from './playlist';
import { keepSpeedAndVolume } from './preferences';
import { keepPosition } from './resume';
import { followSeekLinks } from './seeklinks';
import { shareMoments } from './sharing';
import { offerSounds } from './soundmenu';
import { completed, type Strings } from './strings';
import { followTranscripts } from './transcript';
import type { Wishes } from './wishes';
import { translateElements } from './words';

/** Pictures a second, where the page does not tell. */
const USUAL_RATE = 25;

export interface Upgraded {
  notify(text: string): void;
  focus(): void;
}

export interface Parts {
  /** Absent where the browser plays by itself. */
  readonly engine: Engine | undefined;
  /** Opens the panel of figures. */
  figures(root: ShadowRoot, strings: Strings): void;
}

export function upgrade(video: HTMLVideoElement, data: PageData, wished: Wishes, { engine, figures }: Parts): Upgraded {
  const strings = completed(data.strings);
  translateElements(strings);
  putViewersLanguageFirst(video, wished.captions);
  const chapters = loadHiddenTracks(video);
  const controls = buildControls(video.parentElement as HTMLElement, video, strings);
  const notify = noticeOf(controls.notice);
  const help = helpDialog(controls.root, strings);
  const seek = (time: number) => {
    video.currentTime = Math.min(Math.max(0, time), video.duration || Infinity);
  };

  if (!wished.controls) controls.frame.dataset['controls'] = 'off';
  keepSpeedAndVolume(video, wished);
  keepCaptions(video, wished.captions);
  offerCaptionLook(video, controls, strings);
  controls.onVisibility(keepCaptionsClear(video, controls.covered));
  keepPosition(video, data.id);
  endAt(video, wished.end);
  showErrors(video, controls.error, mp4Address(video));
  const list = neighbours();
  announce(video, data, list);
  offerNext(video, controls, list, strings);
  listenToGestures(video, controls, { seek, notify });
  listenToKeys(video, controls, {
    strings,
    rate: data.rate ?? USUAL_RATE,
    seek,
    notify,
    help,
    loop: offerLoop(video, controls, wished.loop),
    theatre: offerTheatre(video, controls),
    previous: () => go(list.previous),
    next: () => go(list.next),
  });
  if (engine) offerSounds(engine, controls);
  if (chapters) showChapters(video, chapters, controls, seek);
  const playFrom = (time: number) => {
    seek(time);
    void video.play().catch(() => undefined);
  };
  followSeekLinks((time) => {
    playFrom(time);
    video.scrollIntoView({ block: 'nearest' });
  });
  followTranscripts(video, playFrom);
  shareMoments(video);
  onChoose(controls.helpItem, () => {
    controls.settings.hidden = true;
    help();
  });
  onChoose(controls.figuresItem, () => {
    controls.settings.hidden = true;
    figures(controls.root, strings);
  });
  onChoose(controls.pipItem, () => {
    controls.settings.hidden = true;
    controls.togglePip();
  });
  return { notify, focus: () => controls.playButton.focus() };
}

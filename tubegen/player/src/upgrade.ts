/** Turns the plain video into the player: builds the controls and connects everything to them. */

import { keepCaptions, keepCaptionsClear, putViewersLanguageFirst } from './captions';
import { loadHiddenTracks, showChapters } from './chapters';
import { buildControls, onChoose } from './controls';
import { showErrors } from './errors';
import { listenToGestures } from './gestures';
import { helpDialog } from './help';
import { listenToKeys } from './keyboard';
import { announce } from './mediasession';
import { noticeOf } from './notice';
import { mp4Address, type PageData } from './page';
import { keepSpeedAndVolume } from './preferences';
import { keepPosition } from './resume';
import { followSeekLinks } from './seeklinks';
import { completed } from './strings';
import { translateElements } from './words';

export interface Upgraded {
  notify(text: string): void;
  focus(): void;
}

export function upgrade(video: HTMLVideoElement, data: PageData): Upgraded {
  const strings = completed(data.strings);
  translateElements(strings);
  putViewersLanguageFirst(video);
  const chapters = loadHiddenTracks(video);
  const controls = buildControls(video.parentElement as HTMLElement, video, strings);
  const notify = noticeOf(controls.notice);
  const help = helpDialog(controls.root, strings);
  const seek = (time: number) => {
    video.currentTime = Math.min(Math.max(0, time), video.duration || Infinity);
  };

  keepSpeedAndVolume(video);
  keepCaptions(video);
  controls.onVisibility(keepCaptionsClear(video, controls.covered));
  keepPosition(video, data.id);
  showErrors(video, controls.error, mp4Address(video));
  announce(video, data);
  listenToGestures(video, controls, { seek, notify });
  listenToKeys(video, controls, { seek, notify, help });
  if (chapters) showChapters(video, chapters, controls, seek);
  followSeekLinks((time) => {
    seek(time);
    video.scrollIntoView({ block: 'nearest' });
    void video.play().catch(() => undefined);
  });
  onChoose(controls.helpItem, () => {
    controls.settings.hidden = true;
    help();
  });
  onChoose(controls.pipItem, () => {
    controls.settings.hidden = true;
    controls.togglePip();
  });
  return { notify, focus: () => controls.playButton.focus() };
}

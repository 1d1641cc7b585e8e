/** Title and keys for the lock screen, headsets and media keyboards. */

import { absolute, type PageData } from './page';
import { go, type Neighbours } from './playlist';

const STEP_S = 10;

export function announce(video: HTMLVideoElement, { title, artist, artwork }: PageData, { previous, next }: Neighbours): void {
  const session = navigator.mediaSession;
  if (!session || !globalThis.MediaMetadata) return;
  session.metadata = new MediaMetadata({ title, artist, artwork: artwork ? [{ src: absolute(artwork) }] : [] });
  const handle = (action: MediaSessionAction, handler: MediaSessionActionHandler) => {
    try {
      session.setActionHandler(action, handler);
    } catch {
      // An action this browser does not know.
    }
  };
  handle('play', () => void video.play().catch(() => undefined));
  handle('pause', () => video.pause());
  handle('seekbackward', ({ seekOffset }) => (video.currentTime -= seekOffset || STEP_S));
  handle('seekforward', ({ seekOffset }) => (video.currentTime += seekOffset || STEP_S));
  handle('seekto', ({ seekTime }) => (video.currentTime = seekTime ?? video.currentTime));
  if (previous) handle('previoustrack', () => go(previous));
  if (next) handle('nexttrack', () => go(next));
  const position = () => {
    const { duration, currentTime, playbackRate } = video;
    if (duration > 0 && playbackRate > 0 && currentTime <= duration)
      session.setPositionState({ duration, position: currentTime, playbackRate });
  };
  for (const event of ['durationchange', 'seeked', 'ratechange', 'playing']) video.addEventListener(event, position);
}

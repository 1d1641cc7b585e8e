/** Plays one plain file, in place of whatever played before and from the same position on. */

export interface Playhead {
  readonly time: number;
  readonly playing: boolean;
}

export function playhead(video: HTMLVideoElement): Playhead {
  return { time: video.currentTime, playing: !video.paused };
}

export function playFile(video: HTMLVideoElement, address: string, { time, playing }: Playhead): void {
  video.src = address;
  // Before anything is loaded this sets where playback will start.
  video.currentTime = time;
  if (playing) void video.play().catch(() => undefined);
}

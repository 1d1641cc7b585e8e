/** Hands the player's strings to media-chrome, which knows them by its own English sentences. */

import { addTranslation, setLanguage } from 'media-chrome/utils/i18n';

import type { Strings } from './strings';

export function translateElements(s: Strings): void {
  addTranslation('page', {
    Play: s.play,
    play: s.play,
    Pause: s.pause,
    pause: s.pause,
    'video player': s.player,
    'media loading': s.loading,
    Mute: s.mute,
    mute: s.mute,
    Unmute: s.unmute,
    unmute: s.unmute,
    volume: s.volume,
    seek: s.seek,
    'playback time': s.time,
    '{currentTime} of {totalTime}': s.timeOf,
    '{time} remaining': s.timeRemaining,
    'video not loaded, unknown time.': s.timeUnknown,
    hour: s.hour,
    hours: s.hours,
    minute: s.minute,
    minutes: s.minutes,
    second: s.second,
    seconds: s.seconds,
    'closed captions': s.captions,
    'Enable captions': s.captionsOn,
    'Disable captions': s.captionsOff,
    Off: s.off,
    'chapter: {chapterName}': s.chapter,
    Settings: s.settings,
    settings: s.settings,
    Auto: s.auto,
    'Enter picture in picture mode': s.pip,
    'enter picture in picture mode': s.pip,
    'Exit picture in picture mode': s.pipOff,
    'exit picture in picture mode': s.pipOff,
    'Start airplay': s.airplay,
    'start airplay': s.airplay,
    'Stop airplay': s.airplayOff,
    'stop airplay': s.airplayOff,
    'Enter fullscreen mode': s.fullscreen,
    'enter fullscreen mode': s.fullscreen,
    'Exit fullscreen mode': s.fullscreenOff,
    'exit fullscreen mode': s.fullscreenOff,
  });
  setLanguage('page');
}

/**
 * The controls around the video: media-chrome elements in a shadow root of the page's `.player` frame,
 * so that neither the page's styles nor the player's leak. The video itself stays where it is.
 *
 * Themes set these on `.player` or above:
 *   --player-accent              played part of the time line, volume, switches     #7ab8ff
 *   --player-text                icons and words                                    #fff
 *   --player-control-background  behind the row of controls                         dark gradient
 *   --player-menu-background     menus, previews, notices                           rgb(22 22 28 / .96)
 *   --player-hover-background    a control under the pointer                        rgb(255 255 255 / .16)
 *   --player-focus               focus ring                                         #fff
 *   --player-radius              corners of menus and previews                      8px
 *   --player-font                font family                                        system-ui, sans-serif
 */

import 'media-chrome/media-airplay-button';
import 'media-chrome/media-captions-button';
import type { MediaController } from 'media-chrome/media-controller';
import 'media-chrome/media-controller';
import 'media-chrome/media-fullscreen-button';
import 'media-chrome/media-loading-indicator';
import 'media-chrome/media-mute-button';
import 'media-chrome/media-pip-button';
import 'media-chrome/media-play-button';
import 'media-chrome/media-time-display';
import 'media-chrome/media-time-range';
import 'media-chrome/media-volume-range';
import 'media-chrome/menu/media-captions-menu';
import 'media-chrome/menu/media-playback-rate-menu';
import 'media-chrome/menu/media-rendition-menu';
import 'media-chrome/menu/media-settings-menu';
import 'media-chrome/menu/media-settings-menu-button';
import 'media-chrome/menu/media-settings-menu-item';

import type { MediaChromeMenu } from 'media-chrome/menu/media-chrome-menu';
import type { MediaPlaybackRateMenu } from 'media-chrome/menu/media-playback-rate-menu';

import { STYLE } from './style';
import type { Strings } from './strings';

export interface Controls {
  /** The page's element around the video, host of the controls. */
  readonly frame: HTMLElement;
  readonly root: ShadowRoot;
  readonly playButton: HTMLElement;
  readonly settings: MediaChromeMenu;
  readonly chaptersMenu: MediaChromeMenu;
  readonly chaptersItem: HTMLElement;
  readonly chapterLabel: HTMLElement;
  readonly soundMenu: MediaChromeMenu;
  readonly soundItem: HTMLElement;
  readonly pipItem: HTMLElement;
  readonly helpItem: HTMLElement;
  readonly figuresItem: HTMLElement;
  readonly loopItem: HTMLElement;
  readonly lookItem: HTMLElement;
  readonly nextItem: HTMLElement;
  readonly nextButton: HTMLElement;
  readonly nextPanel: HTMLElement;
  readonly theatreButton: HTMLElement;
  readonly notice: HTMLElement;
  readonly error: HTMLElement;
  /** Sends one of media-chrome's requests, as its buttons do. */
  request(type: string): void;
  toggleFullscreen(): void;
  togglePip(): void;
  /** Shows the controls as if the pointer had moved. */
  wake(): void;
  /** Pixels of the picture that the controls cover at this moment. */
  covered(): number;
  onVisibility(listener: () => void): void;
}

const FADE_PX = 24; // the upper part of the bar is only a shade
const SPEEDS = '0.5 0.75 1 1.25 1.5 1.75 2';

/** Turned by the style sheet while there is something to wait for: media-chrome's own turns for ever, unseen, at a
 * tenth of a processor. */
const SPINNER = '<svg slot="icon" aria-hidden="true" viewBox="0 0 100 100"><path d="M73 50a23 23 0 0 0-46 0h4a19 19 0 0 1 38 0z"/></svg>';
const CHEVRON = `<svg class="chevron" slot="suffix" viewBox="0 0 20 24" aria-hidden="true"><path d="m8 7 5 5-5 5" fill="none"
  stroke="currentColor" stroke-width="1.5"/></svg>`;
const SETTINGS_ICON = `<svg slot="icon" viewBox="0 0 24 24" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="2"
  stroke-linecap="round"><path d="M4 7.5h7m7 0h2M4 16.5h2m7 0h7"/><circle cx="14.5" cy="7.5" r="2.75"/>
  <circle cx="9.5" cy="16.5" r="2.75"/></g></svg>`;

const NEXT_ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6v12l9-6zm10 0h2v12h-2z"/></svg>';
const THEATRE_ICON = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 7h18v10H3z" fill="none" stroke="currentColor"
  stroke-width="2"/></svg>`;
const SWITCH = '<i slot="suffix" class="switch"></i>';

export function buildControls(frame: HTMLElement, video: HTMLVideoElement, strings: Strings): Controls {
  const root = frame.attachShadow({ mode: 'open' });
  root.innerHTML = markup(strings);
  const find = <E extends Element = HTMLElement>(selector: string) => root.querySelector<E>(selector) as E;
  const controller = find<MediaController>('media-controller');
  const bar = find('.bar');
  const request = (type: string) => void controller.dispatchEvent(new CustomEvent(type, { composed: true, bubbles: true }));

  // media-chrome says "button" and gives it a checked state, which only a switch may have.
  find('media-captions-button').setAttribute('role', 'switch');
  // A second way to press play for fingers; keyboards and screen readers have the first.
  find('.large-play').tabIndex = -1;
  for (const menu of root.querySelectorAll('media-settings-menu, [slot=submenu]')) {
    const back = menu.shadowRoot?.querySelector('button[part~=back]');
    // A spoken name begins with the words that are seen (WCAG 2.5.3).
    const title = menu.querySelector('[slot=title]')?.textContent ?? '';
    back?.setAttribute('aria-label', `${title} ${strings.back}`.trim());
    // A menu may contain nothing but its items.
    back?.setAttribute('role', 'menuitem');
  }
  const settings = find<MediaChromeMenu>('media-settings-menu');
  // Its keys would stop at entries that are not shown.
  Object.defineProperty(settings, 'items', { get: () => [...settings.children].filter(isShownItem) });
  const speeds = find<MediaPlaybackRateMenu>('media-playback-rate-menu');
  speeds.formatMenuItemText = (text, rate) => (rate === 1 ? strings.normal : text.replace('x', '×'));
  speeds.setAttribute('rates', SPEEDS);
  // It recognises itself in full screen only if the document sees the element, which hides a shadow root's content.
  controller.fullscreenElement = frame;
  // The renditions' sizes are rounded: without a fixed shape the page would move by a fraction of a pixel.
  if (video.width && video.height) video.style.aspectRatio = `${video.width} / ${video.height}`;
  video.slot = 'media';

  return {
    frame,
    root,
    playButton: find('.buttons media-play-button'),
    settings,
    chaptersMenu: find('.chapters media-chrome-menu'),
    chaptersItem: find('.chapters'),
    chapterLabel: find('.chapter'),
    soundMenu: find('.sound-item media-chrome-menu'),
    soundItem: find('.sound-item'),
    pipItem: find('.pip-item'),
    helpItem: find('.help-item'),
    figuresItem: find('.figures-item'),
    loopItem: find('.loop-item'),
    lookItem: find('.look-item'),
    nextItem: find('.next-item'),
    nextButton: find('.next-button'),
    nextPanel: find('.next'),
    theatreButton: find('.theatre-button'),
    notice: find('.notice'),
    error: find('.error'),
    request,
    toggleFullscreen: () => request(`media${controller.hasAttribute('mediaisfullscreen') ? 'exit' : 'enter'}fullscreenrequest`),
    togglePip: () => request(`media${controller.hasAttribute('mediaispip') ? 'exit' : 'enter'}piprequest`),
    wake: () => void controller.dispatchEvent(new PointerEvent('pointermove', { pointerType: 'mouse' })),
    covered: () => (controller.hasAttribute('userinactive') && !video.paused ? 0 : Math.max(0, bar.offsetHeight - FADE_PX)),
    onVisibility: (listener) => controller.addEventListener('userinactivechange', listener),
  };
}

function isShownItem(element: Element): boolean {
  return element.localName === 'media-settings-menu-item' && element.getClientRects().length > 0;
}

/** A click, Enter or the space bar on a menu item that opens no submenu. */
export function onChoose(item: HTMLElement, action: () => void): void {
  item.addEventListener('click', action);
  item.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter' || key === ' ') action();
  });
}

function escaped(text: string): string {
  const element = document.createElement('i');
  element.textContent = text;
  return element.innerHTML.replaceAll('"', '&quot;');
}

function markup(strings: Strings): string {
  const s = Object.fromEntries(Object.entries(strings).map(([key, text]) => [key, escaped(text)])) as Strings;
  const submenu = (name: string, title: string) => `
    <media-settings-menu-item class="${name}">${title}${CHEVRON}
      <media-${name} slot="submenu" hidden><div slot="title">${title}</div></media-${name}>
    </media-settings-menu-item>`;
  // Filled by us, and shown when there is something in it.
  const plainSubmenu = (name: string, title: string) => `
    <media-settings-menu-item class="${name}" hidden>${title}${CHEVRON}
      <media-chrome-menu slot="submenu" hidden><div slot="title">${title}</div></media-chrome-menu>
    </media-settings-menu-item>`;
  return `
<style>${STYLE}</style>
<media-controller tabindex="-1" nohotkeys novolumepref nomutedpref nosubtitleslangpref>
  <slot name="media" slot="media"></slot>
  <div class="notice" slot="top-chrome" role="status" noautohide></div>
  <media-loading-indicator slot="centered-chrome" noautohide>${SPINNER}</media-loading-indicator>
  <div class="next" slot="centered-chrome" role="group" aria-label="${s.next}" noautohide hidden>
    <p aria-live="polite"><span class="facts">${s.next}</span> <strong class="title"></strong></p><p class="seconds"></p>
    <button type="button" class="go">${s.playNow}</button><button type="button" class="cancel">${s.cancel}</button>
  </div>
  <media-play-button class="large-play" slot="centered-chrome" aria-hidden="true" notooltip></media-play-button>
  <div class="error" slot="dialog" role="alertdialog" aria-labelledby="error-title" aria-describedby="error-text" noautohide hidden>
    <h2 id="error-title">${s.errorTitle}</h2><p id="error-text">${s.errorText}</p><button type="button">${s.retry}</button>
  </div>
  <media-settings-menu id="settings" anchor="settings-button" hidden>
    ${plainSubmenu('sound-item', s.sound)}
    ${submenu('captions-menu', s.captions)}
    ${submenu('playback-rate-menu', s.speed)}
    ${submenu('rendition-menu', s.quality)}
    ${plainSubmenu('chapters', s.chapters)}
    <media-settings-menu-item class="look-item" hidden><span slot="suffix"></span>${s.captionLook}</media-settings-menu-item>
    <media-settings-menu-item class="loop-item" type="checkbox">${s.loop}${SWITCH}</media-settings-menu-item>
    <media-settings-menu-item class="next-item" type="checkbox" hidden>${s.playNext}${SWITCH}</media-settings-menu-item>
    <media-settings-menu-item class="pip-item"><span slot="suffix"></span>${s.pip}</media-settings-menu-item>
    <media-settings-menu-item class="figures-item"><span slot="suffix"></span>${s.figures}</media-settings-menu-item>
    <media-settings-menu-item class="help-item"><span slot="suffix"></span>${s.keyboard}</media-settings-menu-item>
  </media-settings-menu>
  <div class="bar">
    <media-time-range></media-time-range>
    <div class="buttons">
      <media-play-button></media-play-button>
      <button type="button" class="next-button" hidden>${NEXT_ICON}</button>
      <media-mute-button></media-mute-button>
      <media-volume-range></media-volume-range>
      <media-time-display class="long-time" showduration notoggle></media-time-display>
      <media-time-display class="short-time" notoggle></media-time-display>
      <span class="chapter"></span>
      <media-captions-button></media-captions-button>
      <media-settings-menu-button id="settings-button" invoketarget="settings">${SETTINGS_ICON}</media-settings-menu-button>
      <media-airplay-button></media-airplay-button>
      <media-pip-button></media-pip-button>
      <button type="button" class="theatre-button" aria-label="${s.theatre}" title="${s.theatre}" hidden>${THEATRE_ICON}</button>
      <media-fullscreen-button></media-fullscreen-button>
    </div>
  </div>
</media-controller>
<slot></slot>`;
}

/** Looks of the controls. Narrow players hide what the settings menu or the keyboard offers as well. */

export const STYLE = `
:host { display: block; position: relative; container-type: inline-size; }
media-controller {
  --media-primary-color: var(--player-text, #fff);
  --media-text-color: var(--player-text, #fff);
  --media-control-background: transparent;
  --media-control-hover-background: var(--player-hover-background, rgb(255 255 255 / .16));
  --media-control-height: 24px;
  --media-control-padding: 10px;
  --media-font-family: var(--player-font, system-ui, sans-serif);
  --media-font-weight: 500;
  --media-range-bar-color: var(--player-accent, #7ab8ff);
  --media-range-thumb-background: var(--player-text, #fff);
  --media-range-track-background: rgb(255 255 255 / .28);
  --media-time-range-buffered-color: rgb(255 255 255 / .32);
  --media-range-track-border-radius: 2px;
  --media-range-segments-gap: 3px;
  --media-focus-box-shadow: inset 0 0 0 2px var(--player-focus, #fff);
  --media-menu-item-focus-shadow: inset 0 0 0 2px var(--player-focus, #fff);
  --media-menu-background: var(--player-menu-background, rgb(22 22 28 / .96));
  --media-settings-menu-background: var(--player-menu-background, rgb(22 22 28 / .96));
  --media-preview-background: var(--player-menu-background, rgb(22 22 28 / .96));
  --media-box-arrow-background: var(--player-menu-background, rgb(22 22 28 / .96));
  --media-menu-item-hover-background: var(--player-hover-background, rgb(255 255 255 / .16));
  --media-menu-item-description-max-width: 9em;
  --media-tooltip-background: var(--player-menu-background, rgb(22 22 28 / .96));
  --media-box-border-radius: var(--player-radius, 8px);
  --media-preview-thumbnail-border: 0;
  --media-loading-indicator-icon-height: 96px;
  display: block; width: 100%; height: 100%;
}
::slotted(video) { display: block; width: 100%; height: 100%; object-fit: contain; }
media-controller[mediaisfullscreen] ::slotted(video) { width: 100% !important; height: 100% !important; }
:host ::slotted(video:focus) { outline: none; }

.bar {
  align-self: stretch; direction: ltr; padding: 28px 8px 4px;
  background: var(--player-control-background, linear-gradient(transparent, rgb(0 0 0 / .45) 40%, rgb(0 0 0 / .8)));
}
.buttons { display: flex; align-items: center; min-width: 0; }
.buttons > * { flex: none; border-radius: var(--player-radius, 8px); }
media-time-range { display: flex; width: 100%; height: 28px; padding-inline: 6px; box-sizing: border-box;
  --media-range-padding: 0; --media-range-track-height: 4px; border-radius: 4px; }
media-volume-range { width: 84px; height: 44px; padding-inline: 4px; box-sizing: border-box; }
media-time-range, media-volume-range { --media-control-hover-background: transparent; }
media-time-display { padding-inline: 8px; font-variant-numeric: tabular-nums; }
.buttons button { width: 44px; height: 44px; padding: 10px; border: 0; color: var(--player-text, #fff); background: none; cursor: pointer; }
.buttons button:hover { background: var(--player-hover-background, rgb(255 255 255 / .16)); }
.buttons button:focus-visible { outline: 0; box-shadow: inset 0 0 0 2px var(--player-focus, #fff); }
.buttons button svg { display: block; width: 24px; height: 24px; fill: currentColor; }
.theatre-button[aria-pressed=true] path { fill: currentColor; }
media-controller[mediaisfullscreen] .theatre-button, :host([data-controls=off]) .bar, :host([data-controls=off]) .large-play { display: none !important; }
.chapter { flex: 1 1 0 !important; min-width: 0; overflow: hidden; padding-inline: 4px; color: var(--player-text, #fff);
  font: 500 14px/24px var(--player-font, system-ui, sans-serif); text-overflow: ellipsis; white-space: nowrap; opacity: .9; }
media-captions-button:not([mediasubtitleslist]),
:is(.captions-menu, .rendition-menu):is(:not([submenusize]), [submenusize="0"], [submenusize="1"]),
media-airplay-button[mediaairplayunavailable], media-pip-button[mediapipunavailable],
media-fullscreen-button[mediafullscreenunavailable], media-volume-range[mediavolumeunavailable],
.pip-item, .short-time, [hidden] { display: none !important; }
media-settings-menu[hidden], [slot=submenu][hidden] { display: inline-flex !important; }

media-settings-menu { z-index: 1; min-width: 15rem; max-width: calc(100% - 16px); margin: 0 8px 32px 0;
  border-radius: var(--player-radius, 8px); font-size: 14px; text-align: start; }
media-settings-menu-item, media-chrome-menu-item { min-height: 40px; box-sizing: border-box; }

.loop-item, .next-item { --media-menu-item-checked-indicator-display: none; }
.switch { flex: none; box-sizing: border-box; width: 30px; height: 18px; padding: 3px; border-radius: 9px; background: #73737d; transition: background .15s; }
.switch::before { content: ''; display: block; width: 12px; height: 12px; border-radius: 6px; background: #fff; }
[aria-checked=true] .switch { background: var(--player-accent, #7ab8ff); }
[aria-checked=true] .switch::before { margin-inline-start: 12px; background: #111; }
.chevron { height: 20px; }
.chevron:dir(rtl) { transform: scaleX(-1); }

.large-play { display: none; border-radius: 50%; background: rgb(0 0 0 / .5);
  --media-control-height: 44px; --media-control-padding: 10px; margin-bottom: 84px; }
media-loading-indicator { filter: drop-shadow(0 0 3px rgb(0 0 0 / .8)); }
media-loading-indicator[medialoading]:not([mediapaused]) svg { animation: turn 1s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
.notice { align-self: center; margin-top: 16px; padding: 6px 14px; border-radius: 99px; opacity: 0;
  color: var(--player-text, #fff); background: var(--player-menu-background, rgb(22 22 28 / .96));
  font: 500 15px/24px var(--player-font, system-ui, sans-serif); font-variant-numeric: tabular-nums;
  pointer-events: none !important; transition: opacity .3s !important; }
.notice.shown { opacity: 1 !important; transition: none !important; }
.notice:not(.shown) { opacity: 0 !important; }
.next { display: grid; grid-template-columns: auto auto; gap: 8px; justify-content: start; max-width: min(26rem, 80%); padding: 16px 20px;
  border-radius: var(--player-radius, 8px); margin-bottom: 60px; color: #f4f4f5; background: var(--player-menu-background, rgb(22 22 28 / .96));
  font: 15px/1.4 var(--player-font, system-ui, sans-serif); text-align: start; pointer-events: auto; opacity: 1 !important; }
.next p { grid-column: 1 / 3; margin: 0; overflow: hidden; }
.next p:empty { display: none; }
.next .facts { display: block; opacity: .8; font-size: 13px; }
.next:not([hidden]) ~ .large-play { display: none; }
.error { display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 8px;
  width: 100%; height: 100%; box-sizing: border-box; padding: 16px; color: #f4f4f5; background: rgb(16 16 20 / .92); text-align: center;
  font: 15px/1.5 var(--player-font, system-ui, sans-serif); pointer-events: auto; }
.error h2, .error p { margin: 0; max-width: 34em; }
.error h2 { font-size: 18px; }
.error button, .next button { min-height: 44px; padding: 0 20px; border: 0; border-radius: var(--player-radius, 8px);
  color: #111; background: #f4f4f5; font: inherit; cursor: pointer; }

@container (max-width: 560px) {
  media-volume-range, media-pip-button, .theatre-button { display: none !important; }
  .pip-item:not([mediapipunavailable]) { display: flex !important; }
}
@container (max-width: 400px) {
  .bar { padding-inline: 2px; }
  .next { position: absolute; inset: 12px 0 auto; width: fit-content; box-sizing: border-box; margin: 0 auto;
    grid-template-columns: auto auto 1fr; gap: 4px 8px; padding: 8px; font-size: 14px; }
  .next p { grid-column: 1 / 4; white-space: nowrap; text-overflow: ellipsis; }
  .next .seconds { grid-column: 3; grid-row: 2; align-self: center; text-align: end; }
  .next button { min-height: 40px; padding: 0 12px; }
  .next .facts { display: none; }
  .short-time { display: inline-flex !important; padding-inline: 4px; }
  .long-time { display: none; }
  .chapter { visibility: hidden; }
  .buttons:has(media-airplay-button:not([mediaairplayunavailable])) media-mute-button { display: none; }
  media-settings-menu { min-width: 13rem; margin: 0 4px 4px; }
}
@media (hover: none) and (pointer: coarse) {
  .large-play { display: inline-flex; }
  media-controller[medialoading]:not([mediapaused]) .large-play { visibility: hidden; }
  .help-item { display: none !important; }
  media-settings-menu-item, media-chrome-menu-item { min-height: 44px; }
}
@media (prefers-reduced-motion: reduce) {
  media-controller { --media-menu-transition-in: opacity 1ms; --media-menu-transition-out: opacity 1ms;
    --media-control-transition-in: opacity 1ms; --media-control-transition-out: opacity 1ms;
    --media-preview-transition-duration-in: 1ms; --media-preview-transition-duration-out: 1ms; }
}
@media (forced-colors: active) {
  :host { --player-text: CanvasText; }
  media-controller { --media-icon-color: CanvasText; --media-text-color: CanvasText; --media-primary-color: CanvasText; --media-range-bar-color: Highlight;
    --media-range-track-background: GrayText; --media-range-thumb-background: CanvasText; }
  .bar, .notice, .error, media-settings-menu { background: Canvas; forced-color-adjust: none; color: CanvasText; }
  .bar { padding-top: 4px; }
  .switch { border: 1px solid; forced-color-adjust: none; background: Canvas; }
  .switch::before { background: CanvasText; }
  [aria-checked=true] .switch { background: Highlight; }
  .buttons > :hover { outline: 1px solid Highlight; }
  :focus-visible, media-time-range:focus-within, media-volume-range:focus-within { outline: 2px solid Highlight; outline-offset: -2px; }
}
`;

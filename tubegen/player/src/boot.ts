/**
 * The only script that runs before the viewer wants to watch; inlined into the page, so every byte counts.
 * It puts a start button and the choice of quality over the poster, fetches the player when the viewer comes near,
 * and gives the browser's own controls back when that fails.
 */
{
  const script = document.currentScript as HTMLScriptElement;
  const video = document.querySelector<HTMLVideoElement>('video[data-player]');
  if (video && location.protocol.startsWith('http')) {
    const frame = video.parentElement as HTMLElement;
    const { title, strings, sizes } = JSON.parse(video.dataset['player'] as string);
    const button = document.createElement('button');
    const quality = document.createElement('select');
    let module: Promise<typeof import('./player')> | undefined;
    let started = false;

    const load = () => (module ??= import(script.dataset['module'] as string));
    const giveBack = () => {
      button.remove();
      video.controls = true;
      void video.play();
    };
    // A failure here waits for the click: what the viewer aims at must not vanish under the pointer.
    const prepare = () =>
      void load()
        .then((player) => player.prepare(video))
        .catch(() => (module = undefined));
    const start = () => {
      // What the author hides behind a warning is for the viewer to open.
      if (started || video.closest('details:not([open])')) return;
      started = true;
      quality.remove();
      button.ariaBusy = 'true';
      // Inside the click, so that browsers which ask for a gesture let the later play() pass.
      video.load();
      load()
        .then((player) => player.start(video, button))
        .catch(giveBack);
    };

    const asks = (wish: string) => RegExp(`[?&#]${wish}\\b(?!=0)`).test(location.href);
    const sharing = document.querySelector<HTMLElement>('[data-sharing]');
    const box = sharing?.querySelector('input');
    if (sharing && box && isSecureContext && self.RTCPeerConnection) {
      sharing.hidden = false;
      try {
        const kept = localStorage['tubegen:sharing'];
        if (kept) box.checked = kept === 'true';
        box.onchange = () => (localStorage['tubegen:sharing'] = box.checked);
      } catch {
        // Storage may be blocked: it holds for this page.
      }
    }

    if (sizes?.[1] && !asks('controls=0')) {
      quality.className = 'player-quality';
      const name = (quality.ariaLabel = strings?.quality ?? 'Quality');
      for (const [width, height] of [[0, 0], ...sizes])
        quality.add(new Option(height ? `${Math.min(width, height)}p` : `${name}: ${strings?.auto ?? 'Auto'}`, height));
      try {
        quality.value = JSON.parse(localStorage['tubegen:preferences']).height;
      } catch {
        // Nothing was chosen before.
      }
      if (quality.selectedIndex < 0) quality.selectedIndex = 0;
      quality.onclick = (event) => event.stopPropagation();
      quality.onchange = () => {
        video.dataset['height'] = quality.value;
        prepare();
      };
      video.after(quality);
    }

    button.type = 'button';
    button.className = 'player-start';
    button.ariaLabel = `${strings?.play ?? 'Play'}: ${title}`;
    // `:where` has no weight: any rule of the theme wins.
    button.innerHTML =
      '<style>:where(.player){position:relative}:where(.player-start){position:absolute;inset:0;width:100%;' +
      'height:100%;padding:0;border:0;background:0 0;color:#fff;cursor:pointer;outline-offset:-3px}' +
      ':where(.player-quality){position:absolute;inset:auto 8px 8px auto;z-index:1;height:44px;padding:0 8px;border:0;' +
      'border-radius:8px;background:#000a;color:#fff;font:inherit}' +
      ':where(.player-start svg){width:5em;max-width:30%;border-radius:50%;background:#000a;fill:currentColor}' +
      '@keyframes player-wait{to{opacity:.3}}:where(.player-start[aria-busy] svg)' +
      '{animation:.7s infinite alternate player-wait}</style>' +
      '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 7v10l8-5z"/></svg>';
    video.controls = false;
    video.after(button);
    const once = { once: true, passive: true };
    for (const intent of ['pointerenter', 'touchstart', 'focusin']) frame.addEventListener(intent, prepare, once);
    frame.addEventListener('click', start);
    addEventListener('hashchange', () => location.hash.startsWith('#t=') && start());
    if (asks('api')) void load().then((player) => player.obey(video));
    if (asks('autoplay')) start();
  }
}

/** A few words over the picture that go away by themselves, read out by screen readers. */

const SHOWN_MS = 1800;

export function noticeOf(element: HTMLElement): (text: string) => void {
  let timer = 0;
  return (text) => {
    clearTimeout(timer);
    element.textContent = text;
    element.classList.add('shown');
    timer = setTimeout(() => element.classList.remove('shown'), SHOWN_MS);
  };
}

"""The files of one video of a live site, found as a browser finds them: home page, watch page, playlists, segments."""

import html
import re
from urllib.parse import urljoin

import msgspec

from tubegen.deploy.probe.asking import Answer, Asking
from tubegen.deploy.probe.finding import Finding

_WATCH = re.compile(r"""href=["']?([^"'\s>]*watch/[^"'\s>]+)""")
_FILES = re.compile(r"""[^"'\s&;=,(]*media/[^"'\s&;,)]+\.(?:m3u8|mp4|vtt)""")


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of the files of one video; empty where there is none of the kind."""

    home: Answer
    page: Answer | None
    master: str
    variant: str
    """A media playlist."""
    segments: tuple[str, ...]
    """Of that playlist, the init segment first; byte ranges of one file are one address."""
    download: str
    captions: str
    findings: tuple[Finding, ...]
    """What stood in the way."""


async def find_sample(ask: Asking, url: str) -> Sample:
    """The first video that the home page of the site at `url` names. Raises Unanswered when nothing answers."""
    home = await ask.get(url if url.endswith("/") else url + "/")
    findings: list[Finding] = []
    if home.status in (301, 302, 303, 307, 308):
        target = urljoin(home.url, home.headers.get("location", ""))
        findings.append(
            Finding("weak", f"{home.url} leads to {target}", "check that address, and set it as [site] url")
        )
        home = await ask.get(target)
    page = await _page(ask, home, findings)
    named = _FILES.findall(_text(page)) if page else []
    # Absolute ones are for other sites, and name the final address.
    named.sort(key=lambda name: "://" in name)
    files = [urljoin(page.url, name) for name in named] if page else []
    master = next((file for file in files if file.endswith("master.m3u8")), "")
    if page and not master:
        findings.append(Finding("weak", f"{page.url} names no master playlist", ""))
    variant, segments = await _playlists(ask, master, findings)
    return Sample(
        home=home,
        page=page,
        master=master,
        variant=variant,
        segments=segments,
        download=next((file for file in files if file.endswith(".mp4")), ""),
        captions=next((file for file in files if file.endswith(".vtt") and "/captions" in file), ""),
        findings=tuple(findings),
    )


async def _page(ask: Asking, home: Answer, findings: list[Finding]) -> Answer | None:
    if home.status != 200:
        hint = "deploy the site there, or correct the address"
        findings.append(Finding("bad", f"{home.url} answers {home.status}", hint))
        return None
    found = _WATCH.search(_text(home))
    if not found:
        findings.append(
            Finding("bad", f"{home.url} names no video: is it a site of tubegen?", "check its address")
        )
        return None
    page = await ask.get(urljoin(home.url, html.unescape(found[1])))
    if page.status != 200:
        hint = "the host must show index.html of a folder; where it cannot, set [site] clean_urls = false"
        findings.append(Finding("bad", f"{page.url} answers {page.status}", hint))
        return None
    return page


async def _playlists(ask: Asking, master: str, findings: list[Finding]) -> tuple[str, tuple[str, ...]]:
    if not master:
        return "", ()
    answer = await ask.get(master)
    names = [line for line in _text(answer).splitlines() if line and not line.startswith("#")]
    if answer.status != 200 or not names:
        findings.append(Finding("bad", f"{master} answers {answer.status} and no playlist", "deploy again"))
        return "", ()
    variant = urljoin(master, names[0])
    text = _text(await ask.get(variant))
    init = re.findall(r'#EXT-X-MAP:URI="([^"]+)"', text)
    parts = [line for line in text.splitlines() if line and not line.startswith("#")]
    return variant, tuple(dict.fromkeys(urljoin(variant, name) for name in [*init, *parts]))


def _text(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace")

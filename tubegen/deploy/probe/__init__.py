"""A live site as its viewers' browsers meet it: what its host does wrong, and the line of configuration that mends it.

asking ─► sample (one video's files) ─► checks ─► findings with advice for the host at hand
"""

from collections.abc import AsyncGenerator, Callable

from tubegen.deploy.probe.asking import Unanswered, asking
from tubegen.deploy.probe.checks import CHECKS, Look
from tubegen.deploy.probe.finding import Finding
from tubegen.deploy.probe.sample import find_sample


async def probe(url: str, *, deep: bool, clock: Callable[[], float]) -> AsyncGenerator[Finding]:
    """Look at the site at `url` and yield what was found, good and bad.

    With `deep` every segment of the sampled video is fetched and compared with its name.
    """
    async with asking() as ask:
        try:
            sample = await find_sample(ask, url)
        except Unanswered as fault:
            yield Finding("bad", str(fault), "look whether the address is right and the host is up")
            return
        for finding in sample.findings:
            yield finding
        look = Look(ask=ask, sample=sample, deep=deep, clock=clock)
        for check in CHECKS:
            try:
                async for finding in check(look):
                    yield finding
            except Unanswered as fault:
                yield Finding("bad", str(fault), "")

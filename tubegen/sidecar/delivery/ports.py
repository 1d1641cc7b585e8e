"""What the worker needs of the other rooms, and no more of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from tubegen.sidecar.model import LocalKey, Scheme
from tubegen.sidecar.store.jobs import Job


class Answer(Protocol):
    """`fetch.Answer`: how a server answered a delivery."""

    @property
    def status(self) -> int: ...

    @property
    def retry_after(self) -> float | None: ...

    @property
    def text(self) -> str: ...


class Poster(Protocol):
    """`fetch.Fetcher`. Raises `answers.FetchError` when no answer comes."""

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        sign_again: Callable[[str], Mapping[str, str]] | None = None,
    ) -> Answer: ...


class Sign(Protocol):
    """`verify.sign.sign`."""

    def __call__(
        self, key: LocalKey, method: str, url: str, body: bytes | None, *, now: float, scheme: Scheme = ...
    ) -> Mapping[str, str]: ...


class Keys(Protocol):
    """`keys.KeyRing`."""

    def of(self, actor: str, *, activity: str = "") -> LocalKey: ...


Handler = Callable[[Job], Awaitable[float | None]]
"""Does a job. Returns None when it is done, or the time (seconds since 1970) to try again."""

"""Names to addresses."""

import socket

import pytest

from tests.serve.loop import in_a_loop
from tubegen.sidecar.remote.resolver import Resolver


def test_a_name_in_tors_network_is_asked_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7686 §2: the question alone would tell a name server."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def listen(host: str, *rest: object, **more: object) -> object:
        asked.append(host)
        return system(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", listen)

    async def work() -> None:
        resolver = Resolver()
        for name in ("abc.onion", "ABC.Onion."):
            with pytest.raises(OSError, match="Tor"):
                await resolver.resolve(name, 443)
        (found, *_) = await resolver.resolve("127.0.0.1", 443)
        assert found["host"] == "127.0.0.1"
        await resolver.close()

    in_a_loop(work())
    assert asked == ["127.0.0.1"]

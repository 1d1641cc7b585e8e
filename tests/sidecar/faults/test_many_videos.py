"""Ten years of daily films at the first start."""

import random
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.serve.loop import in_a_loop
from tests.sidecar.documents import video
from tests.sidecar.routes.served_site import build, house
from tubegen.sidecar.publishing.publish import PublishReport
from tubegen.sidecar.store import publishing, schema

MANY = 3650


def test_they_are_adopted_at_once_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(1)
    names = [str(uuid.UUID(int=dice.getrandbits(128), version=4)) for _ in range(MANY)]
    films = tuple(video(name, slug=name, published="2026-01-01T00:00:00Z") for name in names)
    build(tmp_path, films)

    async def run() -> None:
        async with house(tmp_path, read=False) as here:
            add, last = publishing.add, films[-1].uuid

            def interrupted(connection: Any, film: Any, *rest: Any) -> None:
                if film.uuid == last:
                    raise RuntimeError("no more")
                add(connection, film, *rest)

            with monkeypatch.context() as patched:
                patched.setattr(publishing, "add", interrupted)
                with pytest.raises(RuntimeError, match="no more"):
                    await here.parts.synchroniser.synchronise()
            count = select(func.count()).select_from(schema.published)
            assert await here.write(lambda c: c.execute(count).scalar_one()) == 0
            assert await here.parts.synchroniser.synchronise() == PublishReport(adopted=MANY)
            assert await here.parts.synchroniser.synchronise() == PublishReport()
            said = select(func.count()).select_from(schema.activity)
            assert await here.write(lambda c: c.execute(said).scalar_one()) == 0

    in_a_loop(run())

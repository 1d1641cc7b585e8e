"""A sidecar with a web of documents around it."""

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.remote.remote.web import Bench
from tubegen.sidecar.store.database import open_database


@pytest.fixture
def run(tmp_path):
    def go(work):
        async def whole():
            database = open_database(f"sqlite:///{tmp_path}/sidecar.db")
            try:
                await work(Bench(database))
            finally:
                database.close()

        in_a_loop(whole())

    return go

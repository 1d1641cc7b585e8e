"""Names as long as they may be: PostgreSQL's indices take 2,704 bytes, SQLite's all."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.domain.scene import NOTE, PERSON, note, number, someone
from tests.sidecar.inbox.station import station, townsfolk
from tubegen.sidecar.activitypub.read import MAX_ID
from tubegen.sidecar.store import schema

pytestmark = pytest.mark.usefixtures("both_stores")

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
OTHERS = {"two bytes each": (0x400, 0x52F), "three bytes each": (0x4E00, 0x9FFF)}


def long(start: str, length: int, alphabet: str = LATIN) -> str:
    """Of `length` characters that cannot be pressed together."""
    return start + "".join(random.Random(length).choices(alphabet, k=length - len(start)))


def test_a_follower_with_the_longest_names(tmp_path: Path) -> None:
    uri = long("https://social.example/users/", 2000)
    fan = someone(uri=uri, inbox=f"{uri[:-7]}/inbox/", shared_inbox="", key_id=f"{uri[:-5]}#main")

    async def run() -> None:
        async with station(tmp_path, townsfolk(fan)) as here:
            follow = long("https://social.example/f/", MAX_ID)
            answers = await asyncio.gather(
                here.tell(fan, "Follow", PERSON, id=follow),
                here.tell(fan, "Create", note(fan, id=long("https://social.example/n/", MAX_ID))),
                here.tell(fan, "Like", NOTE, id=long("https://social.example/l/", MAX_ID)),
                here.tell(fan, "Delete", long("https://social.example/d/", MAX_ID), id=follow),
            )
            assert [answer.status for answer in answers] == [202] * 4
            assert await here.read(lambda connection: number(connection, schema.delivery)) == 1

    in_a_loop(run())


@pytest.mark.parametrize("letters", OTHERS.values(), ids=OTHERS)
def test_a_name_that_is_longer_than_it_looks(tmp_path: Path, letters: tuple[int, int]) -> None:
    """What cannot be kept is the sender's fault, not ours: told to come again it would come for ever."""
    fan = someone()

    async def run() -> None:
        async with station(tmp_path, townsfolk(fan)) as here:
            name = long("https://social.example/n/", MAX_ID, "".join(map(chr, range(*letters))))
            for kind, about in (("Create", note(fan, id=name)), ("Delete", name), ("Like", NOTE)):
                assert (await here.tell(fan, kind, about, id=name)).status in (202, 400), kind

    in_a_loop(run())

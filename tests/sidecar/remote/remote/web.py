"""A web of documents, and a sidecar that looks into it."""

import asyncio

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.sidecar.scripted import NOW, pem
from tubegen.sidecar.remote.actors import Remote
from tubegen.sidecar.remote.fetch import Gone
from tubegen.sidecar.store import remote_actors

ALICE = "https://peer.example/users/alice"
MAIN = f"{ALICE}#main-key"
PRIVATE = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)


def alice(**fields):
    document = {
        "id": ALICE,
        "type": "Person",
        "preferredUsername": "alice",
        "inbox": f"{ALICE}/inbox",
        "publicKey": {"id": MAIN, "owner": ALICE, "publicKeyPem": pem(PRIVATE)},
        **fields,
    }
    return {name: value for name, value in document.items() if value is not None}


class Web:
    """Stands for the fetcher: documents by address, or what asking for them raises."""

    def __init__(self):
        self.pages = {ALICE: alice()}
        self.asked = []
        self.open = asyncio.Event()
        self.open.set()

    async def get(self, url):
        self.asked.append(url)
        await self.open.wait()
        page = self.pages.get(url, Gone("404"))
        if isinstance(page, Exception):
            raise page
        return page


class Bench:
    def __init__(self, database):
        self.now = NOW
        self.web = Web()
        self.database = database
        self.remote = self.again()

    def again(self):
        """The same sidecar after a restart: nothing in memory."""
        self.remote = Remote(self.web, self.database, lambda: self.now)
        return self.remote

    async def stored(self, uri=ALICE):
        return await self.database.read(lambda connection: remote_actors.find(connection, uri))

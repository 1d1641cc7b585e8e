"""Where the client goes, and where nobody can send it (interop S-3, S-6, S-8)."""

import pytest

from tests.sidecar.scripted import Names, fails, reply, to
from tubegen.sidecar.remote.fetch import Unfit, Unreachable

# Redirects


def test_redirects_are_signed_anew(run):
    async def work(peer, client):
        document = peer.document("/users/a")
        peer.pages["/@a"] = to("/users/a", 301)
        assert await client.get(peer.url("/@a")) == document
        first, second = (asked.headers["signature"] for asked in peer.asked)
        assert first != second

    run(work)


def test_three_redirects_are_followed_and_no_more(run):
    async def work(peer, client):
        for n in range(4):
            peer.pages[f"/{n}"] = to(f"/{n + 1}", 307)
        peer.document("/4")
        assert await client.get(peer.url("/1"))
        peer.asked.clear()
        await fails(client.get(peer.url("/0")), Unfit, "redirected more than 3 times")
        assert len(peer.asked) == 4
        peer.pages["/round"] = to("/round")
        await fails(client.get(peer.url("/round")), Unfit, "redirected")

    run(work)


@pytest.mark.parametrize(
    "where", ["http://peer.example/a", "ftp://x/", "https://user:word@peer.example/", "", "https://"]
)
def test_a_redirect_that_gives_tls_up_is_refused(run, where):
    async def work(peer, client):
        peer.pages["/a"] = to(where)
        peer.pages[""] = reply({})
        await fails(client.get(peer.url("/a")), Unfit)

    run(work)


@pytest.mark.parametrize(
    "where",
    [
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
    ],
)
def test_a_redirect_into_a_private_network_is_refused(run, where):
    async def work(peer, client):
        peer.pages["/a"] = to(where)
        await fails(client.get(peer.url("/a")), Unfit, "not a public one")

    run(work)


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/a",
        "https://0x7f.1:{port}/a",
        "https://127.1:{port}/a",
        "https://2130706433:{port}/a",
        "https://[::ffff:127.0.0.1]:{port}/a",
        "https://localhost:{port}/a",
        "http://127.0.0.1:{port}/a",
        "ftp://peer.example/a",
        "file:///etc/passwd",
        "//peer.example/a",
        "https://peer.example\\@127.0.0.1/",
        "https://peer.example/ a\n",
        "",
        "https://peer.example/" + "a" * 2000,
        "https://peer.example:0/a",
        "https://[::1%25lo]:{port}/a",
        "https://[fe80::1%lo]:{port}/a",
        "https://0.0.0.0:{port}/a",
        "https://[64:ff9b::7f00:1]:{port}/a",
        "https://[2002:7f00:1::]:{port}/a",
    ],
)
def test_no_address_leads_to_this_machine(run, url):
    async def work(peer, client):
        port = peer.base.rpartition(":")[2]
        url_there = url.format(port=port)
        await fails(client.get(url_there), (Unfit, Unreachable))
        await fails(client.post(url_there, b"{}", {}), (Unfit, Unreachable))
        assert not peer.asked

    run(work, "192.0.2.0/24")


def test_the_address_decides_and_not_the_name(run):
    """A resolver that says something else each time (DNS rebinding)."""

    async def work(peer, client):
        await fails(client.get(peer.url("/a")), Unfit, "not a public one")
        assert not peer.asked

    names = Names("127.0.0.1", "10.0.0.1")
    run(work, "192.0.2.0/24", names=names)
    assert names.asked


def test_public_servers_are_asked_at_port_443_only(run):
    async def work(peer, client):
        await fails(client.get("https://peer.example:8443/a"), Unfit, "not a public one")

    run(work, names=Names("1.1.1.1"))


def test_plain_http_within_a_loopback_exception(run):
    async def work(peer, client):
        document = peer.document("/a")
        assert await client.get(peer.url("/a")) == document
        assert (await client.post(peer.url("/a"), b"{}", {})).status == 200

    run(work, peer={"tls": False})

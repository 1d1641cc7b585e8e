"""The records that the rooms of the sidecar hand each other."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from tubegen.contract import Catalogue, File, VideoDocument
from tubegen.sidecar.activitypub.ids import ActorType, Names

Json = dict[str, Any]
"""An ActivityPub document, plain JSON: nothing here expands or compacts JSON-LD."""

ACTIVITY_JSON = "application/activity+json"
"""The media type of such a document, in the form that everybody takes (A-1)."""

PublicKey = RSAPublicKey | Ed25519PublicKey

Scheme = Literal["cavage", "rfc9421"]


class LocalKey(msgspec.Struct, frozen=True):
    """A private key of one of our actors."""

    id: str
    """`<actor>#main-key`"""
    private: RSAPrivateKey
    public_pem: str
    """SPKI, as the actor's document carries it."""


class LocalActor(msgspec.Struct, frozen=True, kw_only=True):
    """One of our own: the publisher (Person), a channel (Group) or the site as a server (Application)."""

    kind: ActorType
    username: str
    id: str
    name: str
    summary: str
    """Plain text."""
    url: str
    """Its page for people."""
    icon: File | None = None
    image: File | None = None


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are, as the catalogue last read says."""

    names: Names
    person: LocalActor
    groups: tuple[LocalActor, ...]
    instance: LocalActor
    catalogue: Catalogue

    @property
    def actors(self) -> tuple[LocalActor, ...]:
        return (self.person, *self.groups, self.instance)


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A video as the fediverse knows it; see `schema.published`. Times are seconds since 1970."""

    uuid: str
    channel: str
    """User name of the Group that announces it."""
    document: VideoDocument
    """As last announced."""
    first: float
    """`published` of its Note and its Video: frozen (O-75, O-85)."""
    updated: float
    """Same as `first` until the first edit."""
    announced: bool
    """False: adopted silently, with a site that was there before."""
    deleted: float | None = None


class RemoteKey(msgspec.Struct, frozen=True):
    """A public key and the actor it was found to belong to."""

    id: str
    owner: str
    public: PublicKey


class RemoteActor(msgspec.Struct, frozen=True, kw_only=True):
    """An actor of another server, as its document says; see `schema.remote_actor`."""

    uri: str
    host: str
    type: str
    username: str
    name: str
    url: str
    inbox: str
    shared_inbox: str
    key_id: str
    key_pem: str
    hides: frozenset[str] = frozenset()
    fetched: float = 0
    gone: float | None = None


class Incoming(msgspec.Struct, frozen=True):
    """A request to an inbox, as it came in: bytes, not yet believed."""

    method: str
    target: str
    """Path and query, as sent."""
    headers: tuple[tuple[str, str], ...]
    """In their order, names as sent."""
    body: bytes


class Signer(msgspec.Struct, frozen=True):
    """Who has been proved to have signed a request."""

    actor: str
    key_id: str
    scheme: Scheme


class OutgoingActivity(msgspec.Struct, frozen=True, kw_only=True):
    """An activity of ours, to be delivered."""

    uri: str
    """Made from what it is about, so that saying it again after a crash says the same."""
    actor: str
    type: str
    object: str
    body: Mapping[str, Any]
    video: str = ""
    """UUID, when it is about one of our videos."""
    weight: int = 0
    """Bytes that each receiving server will fetch because of it."""

"""The tables. Times are seconds since 1970, lists and documents JSON text."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

VERSION = 2
"""Of these tables; `migrations` leads here from the ones before."""

metadata = MetaData()

_Long = BigInteger().with_variant(Integer, "sqlite")
"""64 bits; SQLite numbers its rows by themselves only where the column says INTEGER."""

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Facts about the database itself: its version, the identity host it belongs to."""

remote_actor = Table(
    "remote_actor",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uri", String, nullable=False, unique=True),
    Column("host", String, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("username", String, nullable=False),
    Column("name", String, nullable=False),
    Column("url", String, nullable=False),
    Column("inbox", String, nullable=False),
    Column("shared_inbox", String, nullable=False, default=""),
    Column("key_id", String, nullable=False, index=True),
    Column("key_pem", Text, nullable=False),
    Column("hides", String, nullable=False, default=""),
    # ^ what it wants kept from the web: any of "public", "unlisted", "search", comma-separated
    Column("fetched", Double, nullable=False),
    Column("gone", Double),
)
"""Actors of other servers, as last fetched. `gone`: since when its server says it is deleted."""

follower = Table(
    "follower",
    metadata,
    Column("local", String, primary_key=True),  # id of our actor
    Column(
        "remote", Integer, ForeignKey("remote_actor.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
    Column("follow", String, nullable=False),  # id of the last Follow activity
    Column("since", Double, nullable=False),
)

received = Table(
    "received",
    metadata,
    Column("fingerprint", LargeBinary, primary_key=True),
    Column("at", Double, nullable=False, index=True),
)
"""What has been processed in the last weeks: SHA-256 over actor, type, object and the object's `updated`."""

post = Table(
    "post",
    metadata,
    Column("uri", String, primary_key=True),
    Column("actor", Integer, ForeignKey("remote_actor.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("video", String, nullable=False, index=True),  # uuid
    Column("in_reply_to", String, nullable=False),
    Column("target", String, nullable=False),  # root it answers to: "note" or "video"
    Column("url", String, nullable=False),
    Column("html", Text, nullable=False),  # sanitised
    Column("warning", Text, nullable=False, default=""),
    Column("language", String, nullable=False, default=""),
    Column("visibility", String, nullable=False),  # "public" or "unlisted"; nothing else is kept
    Column("state", String, nullable=False, default="shown"),  # or hidden, by the owner
    Column("published", Double, nullable=False),
    Column("updated", Double),
    Column("at", Double, nullable=False),
)
"""Replies to our videos and to those replies."""

reaction = Table(
    "reaction",
    metadata,
    Column("kind", String, primary_key=True),  # like, dislike, boost
    Column("actor", Integer, ForeignKey("remote_actor.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("target", String, primary_key=True),  # our Note's or Video's id
    Column("emoji", String, primary_key=True, default=""),  # in place of the heart; empty for the heart
    Column("video", String, nullable=False, index=True),
    Column("activity", String, nullable=False, index=True),
    Column("at", Double, nullable=False),
)

report = Table(
    "report",
    metadata,
    Column("uri", String, primary_key=True),
    Column("actor", String, nullable=False),
    Column("objects", Text, nullable=False),  # JSON list of ids
    Column("comment", Text, nullable=False),
    Column("at", Double, nullable=False),
)
"""Flags: what other servers' users report to the owner."""

blocked_by = Table(
    "blocked_by",
    metadata,
    Column("local", String, primary_key=True),
    Column("actor", String, primary_key=True),
    Column("at", Double, nullable=False),
)
"""Remote actors that block one of ours: they get nothing any more."""

quote = Table(
    "quote",
    metadata,
    Column("token", String, primary_key=True),
    Column("quoting", String, nullable=False, unique=True),  # id of the remote post
    Column("quoted", String, nullable=False),  # our Note's or Video's id
    Column("actor", String, nullable=False),
    Column("at", Double, nullable=False),
)
"""Permissions to quote that were given (FEP-044f)."""

tombstone = Table(
    "tombstone",
    metadata,
    Column("uri", String, primary_key=True),
    Column("at", Double, nullable=False, index=True),
)
"""Remote objects whose Delete has arrived: a Create that comes late does not bring them back. `uri`: SHA-256, in hex,
over author and id."""

domain_rule = Table(
    "domain_rule",
    metadata,
    Column("domain", String, primary_key=True),
    Column("action", String, nullable=False),  # block
    Column("comment", String, nullable=False, default=""),
)

published = Table(
    "published",
    metadata,
    Column("uuid", String, primary_key=True),
    Column("channel", String, nullable=False),  # user name of the Group
    Column("fingerprint", String, nullable=False),  # SHA-256 of what is federated of it
    Column("document", Text, nullable=False),  # the VideoDocument last announced
    Column("first", Double, nullable=False),  # `published` of both objects: frozen
    Column("updated", Double, nullable=False),
    Column("announced", Boolean, nullable=False),  # false: adopted silently
    Column("missing", Double),  # since when the catalogue lacks it
    Column("deleted", Double),
    Index("published_by_time", "first"),
)
"""What the fediverse was told of our videos."""

activity = Table(
    "activity",
    metadata,
    Column("id", _Long, primary_key=True),
    Column("uri", String, nullable=False, unique=True),
    Column("actor", String, nullable=False),
    Column("type", String, nullable=False),
    Column(
        "object", String, nullable=False, index=True
    ),  # id of what it is about: deliveries about one keep their order
    Column("video", String, nullable=False, default="", index=True),
    Column("body", Text, nullable=False),
    Column("weight", _Long, nullable=False, default=0),  # bytes each receiving server will fetch
    Column("created", Double, nullable=False),
)
"""What our actors have said."""

host = Table(
    "host",
    metadata,
    Column("host", String, primary_key=True),
    Column("due", Double),  # null: nothing waits
    Column("priority", Integer, nullable=False, default=1),  # of the most urgent that waits
    Column("lease_until", Double, nullable=False, default=0),
    Column("owner", String, nullable=False, default=""),
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("failing_since", Double),
    Column("failing_days", Integer, nullable=False, default=0),  # distinct days in a row
    Column("failed_on", Integer, nullable=False, default=0),  # the last of them, counted from 1970
    Column("open_until", Double, nullable=False, default=0),  # the circuit breaker
    Column("scheme", String, nullable=False, default="cavage"),  # or rfc9421
    Column("last_success", Double),
    Column("last_error", String, nullable=False, default=""),
    Index(
        "host_next",
        "priority",
        "failures",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
)
"""Hosts with something to deliver to, or that failed. A worker leases the host, not the message."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", _Long, primary_key=True),
    Column("activity", _Long, ForeignKey("activity.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("object", String, nullable=False),  # the activity's, here so that order is found by an index
    Column("inbox", String, nullable=False),
    Column("host", String, nullable=False),
    Column("priority", Integer, nullable=False, default=1),  # 0: an Accept somebody waits for
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", Double, nullable=False),
    Column(
        "state", String, nullable=False, default="waiting"
    ),  # waiting, delivered, refused, given up, superseded
    Column("status", Integer),
    Column("error", String, nullable=False, default=""),
    Column("at", Double),  # of the last attempt
    UniqueConstraint("activity", "inbox"),
    Index("delivery_next", "host", "state", "priority", "id"),
    Index("delivery_order", "inbox", "object", "state"),
)

job = Table(
    "job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("payload", Text, nullable=False, default=""),
    Column("due", Double, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
    UniqueConstraint("kind", "key"),
)
"""Work that waits for another server: a forwarded post to fetch from its origin, an actor to look after."""

queued_activity = Table(
    "queued_activity",
    metadata,
    Column("id", _Long, primary_key=True),  # their order
    Column("lane", Integer, nullable=False),  # of the signer's host: activities in one lane keep their order
    Column("signer", String, nullable=False),  # id of the actor
    Column("body", LargeBinary, nullable=False),  # as it came
    Column("at", Double, nullable=False),
)
"""Activities that were verified and acknowledged, and wait to be processed. A row leaves in the transaction that
works it in."""

failed_activity = Table(
    "failed_activity",
    metadata,
    Column("id", _Long, primary_key=True),
    Column("signer", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Double),  # null: it waits for a newer tubegen, which is to say for the next start
    Column("error", String, nullable=False),
)
"""Activities that could not be processed, out of the way of all others."""

"""Whom the owner does not want here, who does not want us, and what is reported to the owner."""

from collections.abc import Sequence, Set

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from tubegen.origin import normal_host
from tubegen.sidecar.store.schema import blocked_by, domain_rule, report

MAX_REPORTS = 100
"""Kept of one server."""


def block_domain(connection: Connection, domain: str, comment: str = "") -> None:
    """Refuse what comes from a domain and all below it. Raises ValueError when it is no domain."""
    name = normal_host(domain)
    unblock_domain(connection, name)
    connection.execute(insert(domain_rule).values(domain=name, action="block", comment=comment))


def unblock_domain(connection: Connection, domain: str) -> None:
    connection.execute(delete(domain_rule).where(domain_rule.c.domain == normal_host(domain)))


def is_blocked(connection: Connection, host: str) -> bool:
    """Whether `host` (as `origin.host_of` gives it) is in a blocked domain."""
    return is_within(host, blocked_domains(connection))


def blocked_domains(connection: Connection) -> frozenset[str]:
    """What `is_within` is asked about."""
    query = select(domain_rule.c.domain).where(domain_rule.c.action == "block")
    return frozenset(connection.execute(query).scalars())


def is_within(host: str, domains: Set[str]) -> bool:
    """Whether `host` is one of `domains`, or below one.

    Whole labels count: a rule for `bad.example` says nothing of `notbad.example` (interop X-40).
    """
    if not domains:
        return False
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    labels = name.split(".")
    return not domains.isdisjoint([host, *(".".join(labels[first:]) for first in range(len(labels)))])


def blocks(host: ColumnElement[str]) -> ColumnElement[bool]:
    """In a query: whether `is_within` holds of a host and the blocked domains."""
    rule = domain_rule.c.action == "block"
    return exists().where(rule, ("." + host + ":").like("%." + domain_rule.c.domain + ":%"))


def rules(connection: Connection) -> list[tuple[str, str]]:
    """The blocked domains, each with the owner's comment."""
    query = select(domain_rule.c.domain, domain_rule.c.comment).where(domain_rule.c.action == "block")
    return [(row.domain, row.comment) for row in connection.execute(query.order_by(domain_rule.c.domain))]


def blocked_us(connection: Connection, local: str, actor: str, now: float) -> None:
    """Note that a remote actor blocks one of ours."""
    unblocked_us(connection, local, actor)
    connection.execute(insert(blocked_by).values(local=local, actor=actor, at=now))


def unblocked_us(connection: Connection, local: str, actor: str) -> None:
    connection.execute(delete(blocked_by).where(blocked_by.c.local == local, blocked_by.c.actor == actor))


def blocks_us(connection: Connection, local: str, actor: str) -> bool:
    query = select(blocked_by.c.at).where(blocked_by.c.local == local, blocked_by.c.actor == actor)
    return connection.execute(query).first() is not None


def forget(connection: Connection, actor: str) -> None:
    """An actor is no more: whom it blocked and what it reported goes with it."""
    for table in (blocked_by, report):
        connection.execute(delete(table).where(table.c.actor == actor))


def unname(connection: Connection, uri: str) -> None:
    """A post or an actor is no more: no report names it. One that named nothing else goes."""
    named = report.c.objects.contains(msgspec.json.encode(uri).decode(), autoescape=True)
    for row in connection.execute(select(report.c.uri, report.c.objects).where(named)).all():
        others = [name for name in msgspec.json.decode(row.objects, type=list[str]) if name != uri]
        this = report.c.uri == row.uri
        if others:
            objects = msgspec.json.encode(others).decode()
            connection.execute(update(report).where(this).values(objects=objects))
        else:
            connection.execute(delete(report).where(this))


def add_report(
    connection: Connection, uri: str, actor: str, objects: Sequence[str], comment: str, now: float
) -> bool:
    """Keep a Flag for the owner to read. Whether it is new; no server fills the table with more than MAX_REPORTS."""
    server = report.c.actor.startswith("/".join(actor.split("/")[:3]) + "/", autoescape=True)
    if connection.execute(select(func.count()).select_from(report).where(server)).scalar_one() >= MAX_REPORTS:
        return False
    if connection.execute(select(report.c.at).where(report.c.uri == uri)).first():
        return False
    connection.execute(
        insert(report).values(
            uri=uri, actor=actor, objects=msgspec.json.encode(objects).decode(), comment=comment, at=now
        )
    )
    return True

"""Who we are on other servers, as the catalogue says: one Person, a Group for each channel, one Application."""

from tubegen.contract import Catalogue, ChannelEntry
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.model import LocalActor, Site


def site_of(catalogue: Catalogue, names: Names) -> Site:
    """The actors of a site that has a handle."""
    return Site(
        names=names,
        person=LocalActor(
            kind="Person",
            username=catalogue.handle,
            id=names.person(catalogue.handle),
            name=catalogue.title,
            summary=catalogue.description,
            url=catalogue.url,
            icon=catalogue.avatar,
            image=catalogue.banner,
        ),
        groups=tuple(_group(channel, names) for channel in catalogue.channels),
        instance=LocalActor(
            kind="Application",
            username=names.host,
            id=names.instance,
            name=catalogue.title,
            summary=catalogue.description,
            url=catalogue.url,
            icon=catalogue.avatar,
        ),
        catalogue=catalogue,
    )


def _group(channel: ChannelEntry, names: Names) -> LocalActor:
    return LocalActor(
        kind="Group",
        username=channel.handle,
        id=names.group(channel.handle),
        name=channel.title,
        summary=channel.description,
        url=channel.page,
        icon=channel.avatar,
        image=channel.banner,
    )

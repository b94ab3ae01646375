"""`meetup publish`: the public pages and calendars of open groups as files, ready for any web host."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from commands import context, folder, output
from commands.context import Context
from commands.folder import Deed, Folder, Step
from commands.options import DryRun
from commands.web import posters, render
from commands.web.posters import Spot
from meetup import organization
from meetup.errors import NotFound, UsageError
from meetup.feeds import collect, display
from meetup.feeds.poster import Poster
from meetup.storage.database import Session
from meetup.storage.tables import Group
from meetup.wording import languages

INDEX = "index.html"
SHORT = 3  # so many names are told


@dataclass(frozen=True, slots=True)
class Web:
    """Where the files will be seen."""

    base: str
    found: bool  # by search engines

    def spot(self, slug: str) -> Spot:
        return Spot(f"{self.base}/{page_name(slug)}", f"{self.base}/{slug}.ics", f"{self.base}/", found=self.found)

    @property
    def index(self) -> Spot:
        return Spot(f"{self.base}/", "", found=self.found)


def publish(
    ctx: typer.Context,
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Where to; it is made when it is not there")],
    *,
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="Where DIR will be seen; /g below MEETUP_PUBLIC_URL when left out")
    ] = "",
    no_index: Annotated[bool, typer.Option("--no-index", help="Ask search engines to leave the pages out")] = False,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Also into a directory that holds other files")] = False,
) -> None:
    """Write the public pages and calendars into a directory, for any web host.

    What has not changed is left untouched. The page and the calendar of a group that is no longer open are emptied:
    calendar programs keep old dates when a calendar is gone.
    """
    here = context.of(ctx)
    web = Web(_base(here, base_url), found=not no_index)
    found = folder.look(Path(directory).expanduser())
    with here.reading() as session:
        files = _files(session, here, web)
    steps = found.plan(files, _emptied)
    _refuse_nothing(steps)
    if dry_run:
        _show(steps)
    elif _may(found, files, yes=yes):
        found.carry_out(steps)
        _report(steps, directory, web)


def page_name(slug: str) -> str:
    """Return the file name of a group's page; no short name ends with a dash, so none is called like the list."""
    return "index-.html" if slug == "index" else f"{slug}.html"


def _base(here: Context, given: str) -> str:
    public = here.settings.public_url
    base = given.strip().rstrip("/") or (f"{public}/g" if public else "")
    if not base:
        raise UsageError(
            "Nobody could subscribe: the address of these pages is not known",
            "Add --base-url https://www.example.org/groups, where the directory will be seen",
        )
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise UsageError(f"“{given}” is not the address of a directory on the web", "It looks like https://example.org")
    if parts.scheme == "http":
        output.warn("Google and Outlook subscribe to https:// addresses only")
    return base


def _files(session: Session, here: Context, web: Web) -> dict[str, bytes]:
    """Return every file of the site by its name."""
    home, now = organization.the(session), here.clock.now()
    groups = display.open_groups(session)
    shown = [display.of_group(session, group, now) for group in groups]
    files = {f"{group.slug}.ics": _calendar(session, here, web, group) for group in groups}
    files |= {page_name(poster.slug): posters.page(poster, web.spot(poster.slug)).encode() for poster in shown}
    files[INDEX] = _index(home.name, languages.language(home.language), shown, web)
    files["style.css"] = render.STYLE
    return files


def _index(host: str, language: str, shown: Sequence[Poster], web: Web) -> bytes:
    named = [(poster, page_name(poster.slug)) for poster in shown]
    return posters.index(host, language, named, web.index).encode()


def _calendar(session: Session, here: Context, web: Web, group: Group) -> bytes:
    """Write the calendar that the service would serve at the same address."""
    feed = collect.of_group(session, group, here.addresses, here.clock.now())
    return collect.write(replace(feed, look=replace(feed.look, url=web.spot(group.slug).feed)))


def _emptied(name: str) -> bytes | None:
    """Return what is left of a file that we wrote once: a calendar without dates, a page that says nothing."""
    return {".ics": collect.NOTHING, ".html": render.BLANK.encode()}.get(Path(name).suffix)


def _refuse_nothing(steps: Sequence[Step]) -> None:
    if not any(step.name.endswith(".ics") for step in steps):
        raise NotFound("There is no open group to publish", 'Add one: `meetup group add "Thursday circle"`')


def _may(found: Folder, files: dict[str, bytes], *, yes: bool) -> bool:
    strangers = found.strangers(files)
    if not strangers:
        return True
    named = ", ".join(strangers[:SHORT]) + ("…" if len(strangers) > SHORT else "")
    replaced = [name for name in strangers if name in files]
    what = f"; {', '.join(replaced)} would be replaced" if replaced else ""
    return output.confirm(f"{found.path} holds files that meetup did not write ({named}){what}. Go on?", yes=yes)


def _show(steps: Sequence[Step]) -> None:
    output.table(("file", "would be"), [(step.name, step.deed) for step in steps if step.deed is not Deed.UNCHANGED])


def _report(steps: Sequence[Step], directory: str, web: Web) -> None:
    counts = Counter(step.deed for step in steps)
    output.say(f"{directory}: {', '.join(f'{counts[deed]} {deed}' for deed in Deed if counts[deed])}")
    if counts[Deed.EMPTIED]:
        output.say("Emptied: the page and calendar of groups that are no longer open")
    output.say(f"Once it is on the web: {web.base}/")

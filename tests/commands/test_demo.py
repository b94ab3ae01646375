"""`meetup demo` keeps every promise of its week, and says so when one was broken."""

import contextlib
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import icalendar
import pytest

from commands import demo, house, stage
from commands.app import main
from commands.context import Context
from commands.playbill import Playbill
from commands.rehearsal import week
from commands.rehearsal.mailbox import Mail, Mailbox
from commands.stage import Stage, StageClock
from meetup.errors import MeetupError
from tests.commands.serving import eventually, healthy

pytestmark = pytest.mark.slow
CALENDARS = {"ada.ics", "cuidadores.ics", "thursday-circle.ics", "tuesday-mercy.ics"}


@dataclass(frozen=True)
class Played:
    """A week that was played in this process, and what was told about it."""

    scene: Stage
    broken: list[str]
    told: str
    home: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    home, clock, told = tmp_path_factory.mktemp("week"), StageClock(week.BEGIN), io.StringIO()
    with stage.servers(clock) as (mailbox, twilio):
        here = Context(demo.environment(home, mailbox, twilio), clock)
        with contextlib.closing(demo.found(here)), contextlib.redirect_stdout(told):
            scene = Stage(house.service(here), clock, mailbox, twilio)
            broken = demo.play(here, scene, Playbill(scene, home, kept=False), time.monotonic())
            yield Played(scene, broken, told.getvalue(), home)


def instead(scene: Stage, mails: list[Mail]) -> Stage:
    """Return the week as it would look with other mails in the mailboxes."""
    mailbox = Mailbox()
    mailbox.keep(mails)
    return replace(scene, mailbox=mailbox)


def test_after_the_week_the_service_goes_on_until_it_is_asked_to_stop(tmp_path: Path) -> None:
    home = tmp_path / "kept"
    command = [sys.executable, "-m", "meetup", "demo", "--serve", "--keep", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        told = [process.stderr.readline(), process.stderr.readline()]
        url = told[1].removeprefix("The service goes on at ").partition(";")[0]
        well = eventually(lambda: healthy(url))
        told += [process.stderr.readline() for _ in range(7)]
        found = [httpx2.get(line.split()[-1], trust_env=False) for line in told[3:]]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()

    assert (well, process.returncode, err.splitlines()[-1]) == (True, 0, "Stopped; nothing is half done")
    assert "clock shows Monday 14 December 2026" in told[1]
    assert [answer.status_code for answer in found] == [200] * 6
    assert ["SUMMARY:Evening class" in answer.text for answer in found] == [False, False, True, False, False, False]
    assert ["Thursday 17 December" in answer.text or "Thursday, December 17" in answer.text for answer in found] == [
        True,
        False,
        False,
        False,
        True,
        False,
    ]
    assert "Open your page?" in found[3].text
    assert "every promise kept" in out.splitlines()[-1]
    assert f"meetup --home {home} remind status" in out
    assert {path.name for path in home.glob("*.ics")} == CALENDARS


def test_what_is_kept_can_be_read_by_others(played: Played) -> None:
    messages = [json.loads(line) for line in (played.home / "messages.jsonl").read_text().splitlines()]
    calendars = {path.name: icalendar.Calendar.from_ical(path.read_bytes()) for path in played.home.glob("*.ics")}

    assert len(messages) == len(week.PROMISED)
    assert {tuple(message) for message in messages} == {("at", "channel", "who", "kind", "subject", "body")}
    assert set(calendars) == CALENDARS
    assert all(calendar.walk("VEVENT") for calendar in calendars.values())


def test_what_is_kept_is_an_installation(played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["member", "list", "--json"], {"MEETUP_HOME": str(played.home)})

    assert code == 0
    assert len(json.loads(capsys.readouterr().out)["members"]) == 12


def test_a_directory_that_is_not_empty_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "diary.txt").write_text("mine")

    code = main(["demo", "--keep", str(tmp_path)])

    assert (code, [path.name for path in tmp_path.iterdir()]) == (4, ["diary.txt"])
    assert capsys.readouterr().err == f"error: {tmp_path} is not empty\n\nhint: Name a new directory for --keep\n"


def test_what_is_not_kept_says_how_to_keep_it(played: Played) -> None:
    assert "gone by now, as all of this town; `meetup demo --keep DIR` keeps it" in played.told
    assert "KEPT" not in played.told


def test_a_mail_that_got_lost_is_a_broken_promise(played: Played) -> None:
    broken = stage.broken_promises(instead(played.scene, played.scene.mailbox.mails[:-1]))

    assert (played.broken, len(broken)) == ([], 1)
    assert broken[0].startswith("never arrived: cancelled by email for ")


def test_a_mail_that_came_twice_is_a_broken_promise(played: Played) -> None:
    mails = played.scene.mailbox.mails
    [first, *_] = sorted(stage.broken_promises(instead(played.scene, [*mails, mails[0]])))

    assert first.startswith("arrived twice: reminder by email for ")


def test_a_mail_that_no_delivery_knows_is_a_broken_promise(played: Played) -> None:
    mails = played.scene.mailbox.mails
    stray = replace(mails[0], raw=mails[0].raw.replace(b"Message-ID: <r.", b"Message-ID: <x."))

    broken = stage.broken_promises(instead(played.scene, [*mails, stray]))

    assert [one.partition(":")[0] for one in broken] == ["something arrived that no delivery knows"]


def test_an_answer_that_never_came_is_a_broken_promise(played: Played) -> None:
    heard = [one for one in played.scene.exchanges if one.who != "Ben"]

    broken = stage.broken_promises(replace(played.scene, exchanges=heard))

    assert broken == ["not answered: Ben, Riverbend: thanks for telling us."]


def test_a_broken_promise_is_a_failure() -> None:
    with pytest.raises(MeetupError, match="otherwise than promised:\n  never arrived") as refusal:
        demo.judge(["never arrived: a reminder"])

    assert refusal.value.exit_code == 1
    demo.judge([])

"""The organization, its groups and their reminder rules."""

from datetime import time, timedelta

import pytest

from meetup import groups, organization, reminders
from meetup.clock import HandClock
from meetup.errors import AlreadyExists, Forbidden, MeetupError, NotFound, NotUnderstood
from meetup.groups import GroupDraft
from meetup.organization import Founding
from meetup.reminders import Rule
from meetup.storage.database import Session
from meetup.storage.tables import Group, Organization
from meetup.values import Channel, Lead

EVENING = Rule(Lead(timedelta(0), time(18)), Channel.EMAIL)


def rule(hours: float, channel: Channel) -> Rule:
    return Rule(Lead(timedelta(hours=hours)), channel)


def test_nothing_works_before_an_organization_is_founded(session: Session) -> None:
    with pytest.raises(NotFound) as refused:
        organization.the(session)

    assert refused.value.hint == "Run `meetup init`"


def test_one_database_is_one_organization(session: Session, home: Organization, clock: HandClock) -> None:
    with pytest.raises(AlreadyExists, match="belongs to an organization already"):
        organization.found(session, Founding("Other", "Other", "Evening", "Europe/Berlin"), clock.now())

    assert organization.the(session).name == "Riverside Peer Support"


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (Founding(" ", "River", "Evening", "UTC"), "needs a name"),
        (Founding("Home", "Riverside Recovery", "Evening", "UTC"), "at most 14 characters"),
        (Founding("Home", "Recovery", "Evening", "UTC"), "avoid recovery"),
        (Founding("Home", "River", "Anxiety evening", "UTC"), "gives away “anxiety”"),
        (Founding("Home", "River", "Home evening", "UTC"), "gives away “Home”"),
        (Founding("Home", "River", "Evening", "Europe/Nowhere"), "not a time zone"),
        (Founding("Home", "River", "Evening", "UTC", country="USA"), "not a country code"),
        (Founding("Home", "River", "Evening", "UTC", contact_mail="somebody"), "not an e-mail address"),
    ],
    ids=["no name", "long sender", "loud sender", "sensitive label", "own name", "no zone", "no country", "no mail"],
)
def test_a_founding_that_would_harm_is_refused(
    session: Session, clock: HandClock, draft: Founding, message: str
) -> None:
    with pytest.raises(MeetupError, match=message):
        organization.found(session, draft, clock.now())

    assert session.get(Organization, 1) is None


def test_what_a_group_leaves_open_comes_from_the_organization(
    session: Session, home: Organization, clock: HandClock
) -> None:
    row = groups.add(session, GroupDraft("Carers' evening", topics=("carers", " carers", "respite")), clock.now())

    assert (row.slug, row.cover_label, row.language, row.zone, row.topics) == (
        "carers-evening",
        "Thursday group",
        "en",
        "America/New_York",
        "carers,respite",
    )


def test_groups_of_one_name_get_slugs_of_their_own(session: Session, circle: Group, clock: HandClock) -> None:
    slugs = [groups.add(session, GroupDraft("Thursday circle!"), clock.now()).slug for _ in range(2)]

    assert slugs == ["thursday-circle-2", "thursday-circle-3"]


@pytest.mark.parametrize("typed", ["Thursday circle", "THURSDAY CIRCLE ", "thursday-circle"])
def test_a_group_is_found_by_what_people_type(session: Session, circle: Group, typed: str) -> None:
    assert groups.find(session, typed) is circle


def test_a_group_that_is_missing_is_answered_with_the_nearest(session: Session, circle: Group) -> None:
    with pytest.raises(NotFound) as near:
        groups.find(session, "Thursday circel")
    with pytest.raises(NotFound) as far:
        groups.find(session, "Quilting")

    assert near.value.hint == "Did you mean “Thursday circle”?"
    assert far.value.hint == "`meetup group list` shows them all"


def test_a_name_that_two_groups_share_asks_which(session: Session, circle: Group, clock: HandClock) -> None:
    groups.add(session, GroupDraft("thursday CIRCLE", slug="other"), clock.now())

    with pytest.raises(NotUnderstood) as refused:
        groups.find(session, "Thursday Circle")

    assert refused.value.hint == "Say which one: other, thursday-circle"


@pytest.mark.parametrize(
    ("label", "told"),
    [("Thursday Circle", "Thursday circle"), ("Grief evening", "grief"), ("Respite hour", "respite")],
    ids=["the name", "a sensitive word", "a topic"],
)
def test_a_cover_label_that_gives_the_group_away_is_refused(
    session: Session, circle: Group, clock: HandClock, label: str, told: str
) -> None:
    draft = GroupDraft("Thursday circle", cover_label=label, topics=("respite",))

    with pytest.raises(Forbidden, match=f"gives away “{told}"):
        groups.add(session, draft, clock.now())

    assert groups.listing(session) == [circle]


def test_an_edit_changes_a_group_and_the_revision_of_its_feeds(
    session: Session, home: Organization, circle: Group, clock: HandClock
) -> None:
    before = home.revision

    groups.edit(session, circle, {"name": "Thursday table", "topics": ["music"], "zone": "Europe/Berlin"}, clock.now())
    session.flush()
    session.expire_all()

    assert (circle.name, circle.topics, circle.zone) == ("Thursday table", "music", "Europe/Berlin")
    assert home.revision == before + 1


@pytest.mark.parametrize(
    "changes",
    [{"name": " "}, {"audience": "secret"}, {"slug": "other"}, {"name": "Thursday group"}, {"cover_label": "AA"}],
    ids=["no name", "audience", "slug", "name like the label", "label"],
)
def test_a_refused_edit_changes_nothing(
    session: Session, circle: Group, clock: HandClock, changes: dict[str, str]
) -> None:
    before = circle.model_dump()

    with pytest.raises(MeetupError):
        groups.edit(session, circle, {"description": "changed", **changes}, clock.now())

    assert circle.model_dump() == before


def test_a_group_is_open_or_closed() -> None:
    with pytest.raises(NotUnderstood, match="open or closed, not “secret”"):
        GroupDraft("Circle", audience="secret")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("24h by email", rule(24, Channel.EMAIL)),
        ("2 hours before by SMS", rule(2, Channel.SMS)),
        ("1 hour and 30 minutes by text", rule(1.5, Channel.SMS)),
        ("2 days by mail", rule(48, Channel.EMAIL)),
        ("5m by sms", rule(1 / 12, Channel.SMS)),
        ("18:00 the evening before by email", EVENING),
        ("eve18:00 by e-mail", EVENING),
    ],
)
def test_a_rule_is_read_as_people_say_it(text: str, wanted: Rule) -> None:
    assert reminders.parse_rule(text) == wanted
    assert reminders.parse_rule(str(wanted)) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "24h", "by sms", "24h by pigeon", "soon by sms", "0m by sms", "15d by sms", "25:00 the evening before by sms"],
)
def test_a_rule_that_nobody_can_follow_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        reminders.parse_rule(text)

    assert "24h by email" in refused.value.hint


def test_rules_are_added_once_and_removed(session: Session, circle: Group, clock: HandClock) -> None:
    for one in (rule(24, Channel.EMAIL), rule(2, Channel.SMS), EVENING):
        reminders.add_rule(session, circle, one.lead, one.channel, clock.now())
    with pytest.raises(AlreadyExists, match="is reminded 2h by sms already"):
        reminders.add_rule(session, circle, Lead(timedelta(minutes=120)), Channel.SMS, clock.now())

    reminders.remove_rule(session, circle, Lead(timedelta(hours=24)), Channel.EMAIL)

    assert reminders.rules(session, circle.id or 0) == [rule(2, Channel.SMS), EVENING]


def test_removing_what_is_not_there_names_what_is(session: Session, circle: Group, clock: HandClock) -> None:
    reminders.add_rule(session, circle, EVENING.lead, EVENING.channel, clock.now())

    with pytest.raises(NotFound) as refused:
        reminders.remove_rule(session, circle, EVENING.lead, Channel.SMS)

    assert refused.value.hint == "Its reminders: 18:00 the evening before by email"


@pytest.mark.parametrize("draft", [GroupDraft("Riverside"), GroupDraft("Evening", topics=("riverside",))])
def test_a_group_is_not_called_as_texts_begin(
    session: Session, home: Organization, clock: HandClock, draft: GroupDraft
) -> None:
    with pytest.raises(Forbidden, match=r"Texts begin with “Riverside”, which would give away “[Rr]iverside”"):
        groups.add(session, draft, clock.now())

    assert groups.listing(session) == []


def test_a_group_does_not_take_the_name_that_texts_begin_with(
    session: Session, home: Organization, clock: HandClock
) -> None:
    circle = groups.add(session, GroupDraft("Evening friends"), clock.now())

    with pytest.raises(Forbidden, match="Texts begin with"):
        groups.edit(session, circle, {"name": "RIVERSIDE"}, clock.now())

    assert circle.name == "Evening friends"


@pytest.mark.parametrize("field", ["sender_name", "cover_label"])
def test_an_organization_does_not_speak_in_a_group_s_name(
    session: Session, home: Organization, clock: HandClock, field: str
) -> None:
    groups.add(session, GroupDraft("Harbor Friends"), clock.now())

    with pytest.raises(Forbidden, match="“Harbor Friends”, which would give away “Harbor Friends”"):
        organization.edit(session, {field: "Harbor Friends"}, clock.now())

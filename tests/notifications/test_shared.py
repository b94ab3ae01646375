"""Words that are made once for many are the words that each would get alone."""

from dataclasses import replace

import pytest

from meetup.values import Channel, Kind
from notifications.words.compose import Links, compose
from notifications.words.shared import Shared
from tests.notifications.test_compose import LINKS, PEOPLE, SITUATIONS, VIDEO, facts

OTHERS = Links("https://p.example/j/Yk5?a=1&b=2", "https://p.example/u/Yk5", confirm_url="https://p.example/c/10")


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("place", PEOPLE)
def test_everybody_gets_the_words_that_they_would_get_alone(place: str, channel: Channel) -> None:
    shared = Shared()
    all_facts = [facts(name, channel, PEOPLE[place]) for name in SITUATIONS]
    all_facts += [
        replace(one, links=links)
        for one in all_facts
        for links in (OTHERS, Links(), replace(LINKS, join_url=VIDEO.url))
    ]

    assert [shared.compose(one) for one in all_facts] == [compose(one) for one in all_facts]


def test_an_announcement_is_never_taken_for_another() -> None:
    shared = Shared()
    first = replace(facts("opt-in", Channel.EMAIL, PEOPLE["en_GB"]), kind=Kind.ANNOUNCEMENT, news="Tea at six.")

    said = [shared.compose(one).body for one in (first, replace(first, news="No tea."), first)]

    assert ["Tea at six." in body for body in said] == [True, False, True]


def test_a_room_that_gives_something_away_is_found_as_ever() -> None:
    # A personal link hides the room; the room's own address does not, and the lint must see all of it.
    telling = facts("reminder-online", Channel.EMAIL, PEOPLE["en_GB"])
    assert telling.occurrence is not None
    room = replace(VIDEO, url="https://video.example/anxietycircle")
    telling = replace(
        telling,
        occurrence=replace(telling.occurrence, room=room),
        links=replace(LINKS, join_url=room.url),
    )

    assert Shared().compose(telling) == compose(telling)

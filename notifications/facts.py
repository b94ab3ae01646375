"""What may be said of one delivery: the facts that its words are made of."""

from datetime import datetime

from meetup import agenda, groups
from meetup.feeds.addresses import ALL_MAIL, Addresses
from meetup.schedule.series import Occurrence, Series
from meetup.storage.tables import Group, Organization
from meetup.values import Channel, Kind, Preference
from notifications.batch import Batch
from notifications.rules.verdict import ASKED_FOR, QUESTIONS
from notifications.subjects import Subject
from notifications.words.compose import Facts, Links, Recipient, Voice


def read(one: Subject, common: Batch, addresses: Addresses, now: datetime) -> Facts | None:
    """Return what may be said; None when there is nothing to say any more."""
    if one.occurrence is None and one.announced is None and one.row.kind not in ASKED_FOR | QUESTIONS:
        return None
    own = common.organization
    return Facts(
        kind=Kind(one.row.kind),
        channel=Channel(one.row.channel),
        occurrence=one.occurrence,
        following=_following(one, common, now) if one.row.kind == Kind.CANCELLED else None,
        recipient=_recipient(one, common),
        voice=Voice.of(own),
        links=_links(one, addresses),
        secrets=_secrets(one.group, one.series, own),
        news=one.announced.text if one.announced else "",
        code=one.code,
    )


def _recipient(one: Subject, common: Batch) -> Recipient:
    own, member = common.organization, one.member
    subscription = common.subscriptions.get((one.row.member_id, one.row.group_id or 0))
    usual = one.group.cover_label if one.group else own.cover_label
    plain = member.plain_words and not member.phone_shared  # what somebody else may see is never plain
    return Recipient(
        language=member.language,
        zone=member.zone,
        country=own.country,
        label=member.cover_label or ("" if plain else usual),
        plain_words=plain,
        phone_shared=member.phone_shared,
        preference=Preference(subscription.preference) if subscription else Preference.EITHER,
    )


def _following(one: Subject, common: Batch, now: datetime) -> Occurrence | None:
    """Return the next date that happens, looked up once a batch."""
    if one.series is None or one.occurrence is None:
        return None
    after = max(one.occurrence.start, now)
    key = one.series.meeting_id, after
    if key not in common.following:
        common.following[key] = agenda.next_happening([one.series], after, days=100)
    return common.following[key]


def _secrets(group: Group | None, series: Series | None, own: Organization) -> tuple[str, ...]:
    """Return what the lint must not find where others may read: names, topics, and the organization's own words."""
    if group is None:
        return ()
    return (*([series.title] if series else []), *groups.secrets(group, own))


def _links(one: Subject, addresses: Addresses) -> Links:
    if one.row.kind == Kind.KEY:
        return Links(page_url=addresses.page_link(one.key.id or 0) if one.key and not one.code else "")
    if one.row.kind == Kind.OPT_IN:
        return Links(confirm_url=addresses.agree(one.row.consent_id))
    if one.row.channel == Channel.SMS:
        return Links(page_url=addresses.page)
    room = one.occurrence.room.url if one.occurrence and one.occurrence.room else ""
    return Links(
        join_url=(addresses.join(one.row.member_id, one.row.meeting_id or 0) or room) if room else "",
        stop_url=stop_url(one, addresses),
        page_url=addresses.page,
    )


def stop_url(one: Subject, addresses: Addresses) -> str:
    """Return what ends a group's mail; who is asked whether we may go on at all ends all of it."""
    group_id = ALL_MAIL if one.row.kind == Kind.STILL_FINE else one.row.group_id or ALL_MAIL
    return addresses.stop(one.contact.id or 0, group_id)

"""The provider's resources as JSON: one text, a page of a list, an error."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from commands.rehearsal.carrier import Text

VERSION = "2010-04-01"
LARGEST_PAGE = 1000
FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")

Json = dict[str, object]


def resource(text: Text, account: str) -> Json:
    """Write one text as the provider does: numbers as strings, no price yet."""
    uri = f"/{VERSION}/Accounts/{account}/Messages/{text.sid}"
    return {
        "account_sid": account,
        "api_version": VERSION,
        "body": text.body,
        "date_created": format_datetime(text.accepted_at),
        "date_sent": format_datetime(text.sent_at) if text.sent_at else None,
        "date_updated": format_datetime(text.sent_at or text.accepted_at),
        "direction": text.direction,
        "error_code": text.error_code or None,
        "error_message": f"Code {text.error_code}" if text.error_code else None,
        "from": text.from_ or None,
        "messaging_service_sid": text.service or None,
        "num_media": "0",
        "num_segments": str(text.segments),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


def page(texts: Sequence[Text], query: Mapping[str, str], account: str) -> Json:
    """Write one page of a list, newest first; raise ValueError for a query that cannot be read."""
    size = int(query.get("PageSize", 50))
    number = int(query.get("Page", 0))
    if not 1 <= size <= LARGEST_PAGE or number < 0:
        raise ValueError("no such page")
    rest = _after(query.get("PageToken", ""), [text for text in texts if _matches(text, query)])
    shown = rest[:size]
    kept = {name: query[name] for name in FILTERS if name in query} | {"PageSize": str(size)}
    base = f"/{VERSION}/Accounts/{account}/Messages.json"
    following = {**kept, "Page": str(number + 1), "PageToken": f"PA{shown[-1].sid}"} if shown else {}
    return {
        "first_page_uri": f"{base}?{urlencode({**kept, 'Page': '0'})}",
        "uri": f"{base}?{urlencode({**kept, 'Page': str(number)})}",
        "next_page_uri": f"{base}?{urlencode(following)}" if len(rest) > size else None,
        "previous_page_uri": None,
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(shown) - 1, 0),
        "messages": [resource(text, account) for text in shown],
    }


def error(status: int, code: int, message: str) -> Json:
    """Write a refusal."""
    return {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


def _after(token: str, texts: list[Text]) -> list[Text]:
    sids = [text.sid for text in texts]
    return texts[sids.index(token.removeprefix("PA")) + 1 :] if token else texts


def _matches(text: Text, query: Mapping[str, str]) -> bool:
    if query.get("To", text.to) != text.to or query.get("From", text.from_) != text.from_:
        return False
    bounds = {name: _moment(query[name]) for name in FILTERS[2:] if name in query}
    # A text that still waits in the queue has no such date, and no filter by date finds it.
    return not bounds or (text.sent_at is not None and _within(text.sent_at, bounds))


def _within(sent_at: datetime, bounds: Mapping[str, datetime | date]) -> bool:
    for name, bound in bounds.items():
        # With a day the whole day counts.
        sent = sent_at.replace(microsecond=0) if isinstance(bound, datetime) else sent_at.date()
        fits = {"DateSent": sent == bound, "DateSent<": sent <= bound, "DateSent>": sent >= bound}
        if not fits[name]:
            return False
    return True


def _moment(value: str) -> datetime | date:
    if len(value) == len("2026-11-24"):
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

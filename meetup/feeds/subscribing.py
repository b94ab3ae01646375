"""The addresses by which calendar programs subscribe to a public feed."""

from urllib.parse import quote, urlencode


def webcal(feed: str) -> str:
    """Return the address that Apple's calendars, Outlook on a desk and Thunderbird subscribe to at a click."""
    return f"webcal:{feed.partition(':')[2]}"


def google(feed: str) -> str:
    """Return where Google Calendar offers to subscribe; undocumented, and some feeds are refused without a reason."""
    return f"https://calendar.google.com/calendar/render?{urlencode({'cid': webcal(feed)})}"


def outlook(feed: str, name: str) -> str:
    """Return where Outlook.com offers to subscribe."""
    return _from_web("outlook.live.com", feed, name)


def microsoft_365(feed: str, name: str) -> str:
    """Return where Outlook at work or at school offers to subscribe."""
    return _from_web("outlook.office.com", feed, name)


def _from_web(host: str, feed: str, name: str) -> str:
    # Blanks as %20: Outlook shows a plus sign as it is.
    query = urlencode({"url": feed, "name": name}, quote_via=quote)
    return f"https://{host}/calendar/0/addfromweb?{query}"

"""Forms as browsers and providers post them."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from notifications.rules.signatures import Fields

MOST_FIELDS = 200


def fields(body: bytes) -> Fields:
    """Return the fields of a form, in their order; refuse with 400 what is none."""
    try:
        found = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    if any("\0" in text for field in found for text in field):
        raise HTTPException(400)  # no browser sends one, and no database takes one
    return found

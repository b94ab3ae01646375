"""The pages of calendars: for whatever the express did not answer already."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from commands.web import sheets
from commands.web.sheets import Sheet
from commands.web.shelf import Shelf, alarm_of

# Google's importer obeys robots.txt, so nothing is forbidden here; X-Robots-Tag keeps everything out of the indexes.
ROBOTS = "User-agent: *\nDisallow:\n"


class Feeds:
    """Calendars over HTTP."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def group(self, request: Request) -> Response:
        """Answer with what everybody may see of a group; closed groups are as unknown as others."""
        return _response(self._shelf.public(request.path_params["slug"]), request)

    def member(self, request: Request) -> Response:
        """Answer with a member's calendar."""
        alarm = alarm_of(request.scope["query_string"])
        return _response(self._shelf.private(request.path_params["token"], alarm), request)


def robots(_request: Request) -> Response:
    """Let importers in."""
    return PlainTextResponse(ROBOTS)


def _response(found: Sheet, request: Request) -> Response:
    answer = sheets.answer(found, request.method, request.scope["headers"])
    response = Response(answer.body, answer.status)
    response.raw_headers = list(answer.headers)
    return response

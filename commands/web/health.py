"""Whether the service does what it is there for: are its ticks late, and what do its numbers say?"""

import hmac
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Late = Callable[[], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Health:
    """Answers whoever watches over the service."""

    late: Late

    def look(self, _request: Request) -> Response:
        """Return 200 while every tick comes in time, else 503 with what is late."""
        try:
            late = self.late()
        except SQLAlchemyError:
            return JSONResponse({"status": "database unavailable", "late": {}}, 503)
        # Infinitely late means that it has never come; JSON has no word for that.
        seconds = {name: round(by) if math.isfinite(by) else None for name, by in sorted(late.items())}
        return JSONResponse({"status": "late" if late else "ok", "late": seconds}, 503 if late else 200)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Shows the metrics to whoever knows the token: how busy a group is concerns nobody else."""

    text: Callable[[], bytes]
    token: str

    def show(self, request: Request) -> Response:
        """Return the numbers as Prometheus reads them; without the token there is no such page."""
        given = request.headers.get("authorization", "").encode()
        if not self.token or not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            raise HTTPException(404)
        return Response(self.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

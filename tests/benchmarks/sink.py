"""A mail server that forgets everything at once: the fastest that a sender can meet."""

import asyncio
import contextlib
import sys

GREETING = b"220 sink.example ready\r\n"
DONE = b"250 done\r\n"
ANSWERS = {b"EHLO": b"250-sink.example\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
LINE, TEXT = b"\r\n", b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """The server's side of one connection."""

    def __init__(self) -> None:
        self._heard = b""
        self._ending = LINE

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        if not isinstance(transport, asyncio.WriteTransport):
            raise TypeError("mail comes over a connection")
        self._transport = transport
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        """Answer each line, and each text at its final dot."""
        self._heard += data
        while self._ending in self._heard:
            said, _, self._heard = self._heard.partition(self._ending)
            verb = said[:4].upper() if self._ending is LINE else b""
            self._transport.write(ANSWERS.get(verb, DONE))
            self._ending = TEXT if verb == b"DATA" else LINE
            if verb == b"QUIT":
                self._transport.close()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve())

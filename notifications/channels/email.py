"""E-mail through one relay: every mail ends as handed over, refused, surely not sent, or unknown."""

import logging
import smtplib
import threading
from contextlib import suppress
from dataclasses import dataclass

from meetup.clock import Clock
from notifications.channels.letter import Letter, Postmark, write
from notifications.channels.relay import NoRelay, Relay, dial
from notifications.channels.replies import Reply, Step, verdict
from notifications.messages import Accepted, Found, Message, NotSent, Outcome, Refused, Trace, Unknown

MAILS_PER_LINE = 100  # many relays close a connection that goes on for long
IDLE_SECONDS = 60.0
CLOSING = 421
GO_ON = 354

logger = logging.getLogger(__name__)

TOO_LATE = NotSent("deadline", "the time for this try was over before the text was handed over")
LOST = NotSent("lost", "the connection to the mail relay was lost before the text was handed over", whole_line=True)
NO_UTF8 = Refused("smtputf8", "the mail relay takes no addresses with such letters before the @")
IN_DOUBT = Unknown("the connection to the mail relay was lost after the text was handed over")


@dataclass(slots=True)
class _Line:
    """An open connection. Only one thread at a time holds it."""

    smtp: smtplib.SMTP
    used_at: float
    mails: int = 0


class _Stopped(Exception):
    def __init__(self, outcome: Outcome, *, again: bool = False) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.again = again  # a fresh connection may help


class EmailSender:
    """Sends mail through a relay, over connections that are kept for the next mail."""

    def __init__(self, relay: Relay, postmark: Postmark, clock: Clock) -> None:
        self._relay = relay
        self._postmark = postmark
        self._clock = clock
        self._idle: list[_Line] = []
        self._lock = threading.Lock()

    def send(self, message: Message, deadline: float) -> Outcome:
        """Hand one mail to the relay. The same message has the same Message-ID on every try."""
        letter = write(message, self._postmark, self._clock.now())
        outcome = letter if isinstance(letter, Refused) else self._deliver(letter, deadline)
        reply = outcome.code if isinstance(outcome, (Refused, NotSent)) else ""
        logger.info("mail_tried code=%s outcome=%s reply=%s", message.code, type(outcome).__name__, reply)
        return outcome

    def find(self, trace: Trace) -> Found | None:  # noqa: ARG002 -- there is nobody to ask
        """Return None: a relay cannot be asked. Sending again with the same Message-ID is the only way to be sure."""
        return None

    def check(self) -> None:
        """Connect, protect the line, log in and leave; raise Unavailable with a sentence when that fails."""
        _hang_up(dial(self._relay, self._postmark.host))

    def close(self) -> None:
        """Close the connections that nobody is using."""
        with self._lock:
            lines, self._idle = self._idle, []
        for line in lines:
            _hang_up(line.smtp)

    def _deliver(self, letter: Letter, deadline: float) -> Outcome:
        try:
            return self._transmit(self._take(), letter, deadline)
        except _Stopped as stop:
            return self._deliver_afresh(letter, deadline) if stop.again else stop.outcome

    def _deliver_afresh(self, letter: Letter, deadline: float) -> Outcome:
        try:
            return self._transmit(self._open(), letter, deadline)
        except _Stopped as stop:
            return stop.outcome

    def _transmit(self, line: _Line, letter: Letter, deadline: float) -> Outcome:
        try:
            self._announce(line, letter, deadline)
        except OSError as error:  # smtplib's exceptions are OSErrors too
            line.smtp.close()
            raise _Stopped(LOST, again=line.mails > 0) from error
        return self._hand_over(line, letter)

    def _announce(self, line: _Line, letter: Letter, deadline: float) -> None:
        """Say from whom and to whom; after this the relay waits for the text."""
        smtp, options = line.smtp, ["SMTPUTF8", "BODY=8BITMIME"] if letter.to.international else []
        if options and not smtp.has_extn("smtputf8"):
            self._recycle(line)
            raise _Stopped(NO_UTF8)
        if self._clock.monotonic() >= deadline:
            self._recycle(line)
            raise _Stopped(TOO_LATE)
        if smtp.has_extn("pipelining"):
            self._announce_at_once(line, letter, options)
            return
        self._expect(line, Step.MAIL, smtp.mail(letter.return_path, options))
        self._expect(line, Step.RCPT, smtp.rcpt(str(letter.to)))
        if self._clock.monotonic() >= deadline:
            self._recycle(line)
            raise _Stopped(TOO_LATE)
        self._expect(line, Step.DATA, smtp.docmd("DATA"))

    def _announce_at_once(self, line: _Line, letter: Letter, options: list[str]) -> None:
        """Say all of it in one breath (RFC 2920): one way there and back instead of three."""
        smtp = line.smtp
        # Each is exactly one address already: smtplib would take it apart once more, which takes a tenth of all.
        mail = " ".join((f"MAIL FROM:<{letter.return_path}>", *options))
        smtp.send(f"{mail}\r\nRCPT TO:<{letter.to}>\r\nDATA\r\n".encode())
        answers = _answers(smtp)
        refused = [step for step, answer in answers if not _reply(step, answer).positive]
        if refused and answers[-1][1][0] == GO_ON:
            # It waits for a text all the same: an empty one goes to nobody, since nobody was taken.
            smtp.send(b".\r\n")
            smtp.getreply()
        for step, answer in answers:
            self._expect(line, step, answer)

    def _hand_over(self, line: _Line, letter: Letter) -> Outcome:
        try:
            line.smtp.send(letter.wire)
            reply = _reply(Step.CONTENT, line.smtp.getreply())
        except OSError:
            line.smtp.close()
            return IN_DOUBT
        if reply.positive:
            self._put_back(line)
            return Accepted(letter.message_id)
        if not reply.negative:
            line.smtp.close()
            return IN_DOUBT
        self._reset(line, reply)
        return verdict(reply)

    def _expect(self, line: _Line, step: Step, answer: tuple[int, bytes]) -> None:
        reply = _reply(step, answer)
        if reply.positive:
            return
        self._reset(line, reply)
        stale = reply.code == CLOSING and line.mails > 0
        raise _Stopped(verdict(reply), again=stale or reply.confused)

    def _take(self) -> _Line:
        with self._lock:
            line = self._idle.pop() if self._idle else None
        if line is None:
            return self._open()
        if line.mails < MAILS_PER_LINE and self._clock.monotonic() - line.used_at <= IDLE_SECONDS:
            return line
        _hang_up(line.smtp)
        return self._open()

    def _open(self) -> _Line:
        try:
            smtp = dial(self._relay, self._postmark.host)
        except NoRelay as error:
            outcome = NotSent(error.code, error.message, stop_channel=error.permanent, whole_line=not error.permanent)
            raise _Stopped(outcome) from error
        return _Line(smtp, self._clock.monotonic())

    def _put_back(self, line: _Line) -> None:
        line.mails += 1
        line.used_at = self._clock.monotonic()
        with self._lock:
            self._idle.append(line)

    def _reset(self, line: _Line, reply: Reply) -> None:
        if not reply.negative or reply.confused or reply.code == CLOSING:
            line.smtp.close()
        else:
            self._recycle(line)

    def _recycle(self, line: _Line) -> None:
        """Keep the connection for the next mail if the relay forgets this one."""
        with suppress(OSError):
            if line.smtp.rset()[0] == 250:
                self._put_back(line)
                return
        line.smtp.close()


def _reply(step: Step, answer: tuple[int, bytes]) -> Reply:
    code, text = answer
    return Reply(step, code, text.decode("utf-8", "replace"))


def _answers(smtp: smtplib.SMTP) -> list[tuple[Step, tuple[int, bytes]]]:
    """Read what is answered to an announcement; a relay that refuses may close before it has answered everything."""
    answers: list[tuple[Step, tuple[int, bytes]]] = []
    for step in (Step.MAIL, Step.RCPT, Step.DATA):
        try:
            answers.append((step, smtp.getreply()))
        except OSError:
            if all(_reply(*answer).positive for answer in answers):
                raise
            break
    return answers


def _hang_up(smtp: smtplib.SMTP) -> None:
    # Whatever goes wrong in QUIT comes after the last mail was settled.
    with suppress(OSError):
        smtp.quit()
    smtp.close()

"""Every refusal that a person can act on, as one tree.

MeetupError                     1   something went wrong, and here is what to do
├── UsageError                  2   the command was used wrongly
├── NotFound                    3   there is no such thing
├── Forbidden                   4   a rule of ours says no
│   ├── NoConsent                   nobody agreed to that
│   └── AlreadyExists               it is there already
├── NotUnderstood               5   well-formed, but we cannot tell what is meant
└── Unavailable                 1   something we need does not answer
"""


class MeetupError(Exception):
    """A sentence for a person, perhaps a hint, and an exit code."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MeetupError):
    """The command was used wrongly."""

    exit_code = 2


class NotFound(MeetupError):
    """There is no such thing."""

    exit_code = 3


class Forbidden(MeetupError):
    """A rule of ours says no."""

    exit_code = 4


class NoConsent(Forbidden):
    """Nobody agreed to that."""


class AlreadyExists(Forbidden):
    """It is there already."""


class NotUnderstood(MeetupError):
    """Well-formed, but we cannot tell what is meant."""

    exit_code = 5


class Unavailable(MeetupError):
    """Something we need does not answer; `permanent` says whether waiting could help."""

    def __init__(self, message: str, hint: str = "", *, permanent: bool = False) -> None:
        super().__init__(message, hint)
        self.permanent = permanent

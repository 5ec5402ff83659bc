"""Errors that end one input or one run, each with a message fit to show to a user."""

from collections.abc import Iterable

from policylint.model import Location


class PolicylintError(Exception):
    """Base of every error that policylint raises on purpose.

    `message` is one calm sentence for the user; `location` is where it applies, when that is known.
    """

    def __init__(self, message: str, location: Location | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location

    def __str__(self) -> str:
        if self.location is None:
            return self.message
        return f"{self.location.path}:{self.location.line}:{self.location.column}: {self.message}"


class UsageError(PolicylintError):
    """The command line or a call asks for something that does not exist (exit code 2)."""


class ConfigError(PolicylintError):
    """The configuration file is wrong (exit code 2)."""


class RuleFileError(PolicylintError):
    """A rule file cannot be loaded (exit code 2)."""


class SourceError(PolicylintError):
    """One input cannot be read or parsed; the rest of the run goes on."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known name nearest to `name`, else an empty string."""
    from difflib import get_close_matches

    by_folded = {candidate.casefold(): candidate for candidate in known}
    nearest = get_close_matches(name.casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[nearest[0]]!r}?" if nearest else ""

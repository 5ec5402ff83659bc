"""Identities of keyless signers: which ones anybody can have, which nobody, and which are one person's.

An identity is an issuer (who vouches) and a subject (who signed), each compared exactly or held against a regular
expression, which matches anywhere in the text unless it is anchored (cosign pkg/cosign/verify.go
`CertificateIdentity` and `regexp.MatchString`). What Fulcio writes for an issuer: sigstore/fulcio docs/oidc.md.
"""

from typing import Literal, NamedTuple

from policylint.re2_patterns import compiled
from policylint.regex import regex

GITHUB_ACTIONS = "https://token.actions.githubusercontent.com"
_GOOGLE, _GITHUB_USERS = "https://accounts.google.com", "https://github.com/login/oauth"
_MICROSOFT, _GITLAB = "https://login.microsoftonline.com", "https://gitlab.com"
# those that vouch for people, by e-mail address
PEOPLE = (_GOOGLE, _GITHUB_USERS, _MICROSOFT, "https://oauth2.sigstore.dev/auth")
KNOWN = (*PEOPLE, GITHUB_ACTIONS, _GITLAB, "https://agent.buildkite.com", "https://oidc.codefresh.io")

_PROBES = ("q", "https://attacker.invalid/x", "mallory@attacker.invalid")
_MACHINE_ADDRESS = regex(r".*\.gserviceaccount\.com\Z")
_EMAIL = regex(r"[^@\s/:]+@[^@\s/:]+\.[A-Za-z]+\Z")
_WORKFLOW = regex(r"https://github\.com/[^/]+/[^/]+/\.github/workflows/[^@]+(@refs/.+)?\Z")
_START = regex(r"\(?(?:\?[a-z]+:?\)?)?(\^|\\A|\.[*+])")
_END = regex(r"(\$|\\z|\.[*+])\)?\Z")
# a dot between two parts of a host name, neither escaped nor repeated
_BARE_DOT = regex(r"(?<![\\.])[A-Za-z0-9-]\.[A-Za-z]{2,}(?=[/:@$)\\.]|\Z)")

Weakness = Literal["everything", "unanchored", "bare-dot"]


class Never(NamedTuple):
    """Why no signature has an identity: the field that decides it, the reason, and what to write there if known."""

    field: Literal["issuer", "subject"]
    reason: str
    instead: str = ""


def weaknesses(pattern: str) -> tuple[Weakness, ...]:
    """In which ways the regular expression matches more than it says; empty for what RE2 cannot compile."""
    expression = compiled(pattern)
    if expression is None:
        return ()
    if all(expression.search(probe) for probe in _PROBES):
        return ("everything",)
    found: list[Weakness] = []
    if not (_START.match(pattern) and _END.search(pattern)):
        found.append("unanchored")
    if _BARE_DOT.search(pattern):
        found.append("bare-dot")
    return tuple(found)


def never(issuer: str, subject: str) -> Never | None:
    """Why no signature can have this exact issuer and subject (empty when it is not exact), or None."""
    known = next((each for each in KNOWN if _bare(each) == _bare(issuer)), "") if issuer else ""
    if known and known != issuer:
        return Never("issuer", f"it is compared letter for letter, and that issuer calls itself {known}", known)
    workflow = _WORKFLOW.match(subject)
    if issuer in PEOPLE and workflow is not None:
        return Never("issuer", f"{issuer} vouches for people, and the subject is a workflow", GITHUB_ACTIONS)
    if issuer == GITHUB_ACTIONS and subject:
        if _EMAIL.match(subject):
            return Never("subject", f"{GITHUB_ACTIONS} vouches for workflows, and the subject is an e-mail address")
        if workflow is not None and workflow[1] is None:
            return Never("subject", "a workflow's subject ends with the ref it ran at, such as @refs/heads/main")
    return None


def is_person(issuer: str, subject: str) -> bool:
    """Whether the exact identity is a person's e-mail address, not that of a service account."""
    return issuer in PEOPLE and _EMAIL.match(subject) is not None and not _MACHINE_ADDRESS.match(subject)


def _bare(issuer: str) -> str:
    return issuer.strip().lower().partition("://")[2].rstrip("/") if "://" in issuer else issuer.lower().rstrip("/")

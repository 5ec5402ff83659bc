"""Keyless identities: too broad, impossible, or one person's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.views.identities import GITHUB_ACTIONS, Never, is_person, never, weaknesses

WORKFLOW = "https://github.com/org/app/.github/workflows/release.yaml"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (".*", ("everything",)),
        ("^.+$", ("everything",)),
        ("", ("everything",)),
        ("(?s).*", ("everything",)),
        (r"^https://github\.com/org/.*$", ()),
        (r"^https://github\.com/org/.*", ()),
        (r".*@example\.com$", ()),
        (r"(?i)^release$", ()),
        (r"https://github\.com/org/", ("unanchored",)),
        (r"^https://github\.com/org/", ("unanchored",)),
        ("^https://github.com/org/.*$", ("bare-dot",)),
        ("https://issuer.example.com", ("unanchored", "bare-dot")),
        ("[", ()),
    ],
)
def test_expressions_that_match_more_than_they_say(pattern: str, found: tuple[str, ...]) -> None:
    assert weaknesses(pattern) == found


@pytest.mark.parametrize(
    ("issuer", "subject", "expected"),
    [
        (GITHUB_ACTIONS, f"{WORKFLOW}@refs/heads/main", None),
        ("https://issuer.example.com/", "anything", None),
        (f"{GITHUB_ACTIONS}/", "", GITHUB_ACTIONS),
        ("token.actions.githubusercontent.com", "", GITHUB_ACTIONS),
        ("https://Accounts.Google.com", "", "https://accounts.google.com"),
        ("https://github.com/login/oauth", f"{WORKFLOW}@refs/heads/main", GITHUB_ACTIONS),
    ],
)
def test_issuers_that_no_signature_has(issuer: str, subject: str, expected: str | None) -> None:
    found = never(issuer, subject)

    assert (found.instead if found else None) == expected
    assert found is None or found.field == "issuer"


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (WORKFLOW, "a workflow's subject ends with the ref it ran at, such as @refs/heads/main"),
        ("a@example.com", f"{GITHUB_ACTIONS} vouches for workflows, and the subject is an e-mail address"),
    ],
)
def test_subjects_that_github_never_writes(subject: str, reason: str) -> None:
    assert never(GITHUB_ACTIONS, subject) == Never("subject", reason)


@pytest.mark.parametrize(
    ("issuer", "subject", "expected"),
    [
        ("https://accounts.google.com", "someone@example.com", True),
        ("https://accounts.google.com", "bot@project.iam.gserviceaccount.com", False),
        ("https://issuer.example.com", "someone@example.com", False),
        ("https://accounts.google.com", "https://example.com/bot", False),
    ],
)
def test_people_have_e_mail_addresses(issuer: str, subject: str, expected: bool) -> None:
    assert is_person(issuer, subject) is expected


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_breaks_them(issuer: str, subject: str) -> None:
    assert set(weaknesses(issuer)) <= {"everything", "unanchored", "bare-dot"}
    assert never(issuer, subject) is None or never(issuer, subject).reason  # type: ignore[union-attr]
    assert is_person(issuer, subject) in (True, False)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.views.uses import Uses, parse_uses

COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("actions/checkout@v4", Uses("actions/checkout@v4", "repository", "actions", "checkout", "", "v4")),
        (" a/b/c/d@x/y ", Uses("a/b/c/d@x/y", "repository", "a", "b", "c/d", "x/y")),
        ("a/b", Uses("a/b", "repository", "a", "b")),
        ("./build", Uses("./build", "local")),
        ("./build@v1", Uses("./build@v1", "local")),
        ("$/.github/workflows/a.yaml", Uses("$/.github/workflows/a.yaml", "local")),
        ("docker://alpine:3", Uses("docker://alpine:3", "docker", image="alpine:3")),
    ],
)
def test_parts(text: str, uses: Uses) -> None:
    assert parse_uses(text) == uses


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("a/${{ b }}@v1", "GitHub evaluates no expressions there"),
        ("checkout@v4", "it is neither owner/repo[/path]@ref nor a path that begins with ./"),
        ("https://github.com/a/b@v1", "it is neither owner/repo[/path]@ref nor a path that begins with ./"),
        ("../a", "it is neither owner/repo[/path]@ref nor a path that begins with ./"),
        ("a/b@", "what follows @ is not a branch, a tag or a commit"),
        ("a/b@v1@v2", "it has more than one @"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    uses = parse_uses(text)
    assert (uses.kind, uses.reason) == ("refused", reason)


@given(st.text())
def test_any_text_has_a_kind(text: str) -> None:
    uses = parse_uses(text)
    assert (uses.kind == "refused") == bool(uses.reason)


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        (COMMIT, "commit"),
        (COMMIT.upper(), "commit"),
        (COMMIT + COMMIT[:24], "digest"),
        (COMMIT[:7], "short-commit"),
        (COMMIT[:39], "short-commit"),
        ("v4", "version"),
        ("V4.1", "version"),
        ("v1.2.3", "version"),
        ("1.2", "version"),
        ("v2025.11.2", "version"),
        ("v1.2.3-rc.1", "version"),
        ("v1.x", "version"),
        ("release/v1", "version"),
        ("releases/1.4", "version"),
        ("action-v2", "version"),
        ("refs/tags/v1", "version"),
        ("main", "branch"),
        ("master", "branch"),
        ("develop", "branch"),
        ("stable", "branch"),
        ("whatever", "branch"),
        ("feature/1-fix", "branch"),
        ("latest", "branch"),
        ("refs/heads/main", "branch"),
    ],
)
def test_ref_kind(ref: str, kind: str) -> None:
    assert parse_uses(f"a/b@{ref}").ref_kind == kind


POLICIES = {
    "*": "any",
    "a/*": "ref-pin",
    "a/b": "hash-pin",
    "a/b/*": "any",
    "a/b/c": "ref-pin",
}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("x/y@v1", "*"),
        ("a/x@v1", "a/*"),
        ("a/x/y@v1", "a/*"),
        ("a/b@v1", "a/b"),
        ("A/B@v1", "a/b"),
        ("a/b/d@v1", "a/b/*"),
        ("a/b/c@v1", "a/b/c"),
    ],
)
def test_the_most_specific_policy_wins(text: str, pattern: str) -> None:
    assert parse_uses(text).policy(POLICIES) == (pattern, POLICIES[pattern])  # type: ignore[arg-type]


def test_without_a_policy_a_commit_is_asked_for() -> None:
    assert parse_uses("x/y@v1").policy({}) == ("", "hash-pin")
    assert parse_uses("x/y@v1").policy({"a/*": "any"}) == ("", "hash-pin")


def test_a_repository_with_all_of_its_paths_includes_itself() -> None:
    assert parse_uses("a/b@v1").policy({"a/b/*": "any", "a/*": "ref-pin"}) == ("a/b/*", "any")

"""The three dialects of patterns: which images each of them means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.views.globs import Dialect, GlobError, as_regex, matches, qualified, sigstore_matches
from policylint.views.images import ImageReferenceError

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("pattern", "image", "expected"),
    [
        ("registry.example.com/*", "registry.example.com/app:1", True),
        ("registry.example.com/*", "registry.example.com/team/app:1", False),
        ("registry.example.com/**", "registry.example.com/team/app:1", True),
        ("registry.example.com/**", "registryXexample.com/team/app:1", False),
        ("**", "nginx", True),
        ("*", "nginx", True),
        ("*", "team/app", False),
        ("*/*", "team/app", True),
        ("*/*", "registry.example.com/app", False),
        ("nginx*", "nginx", False),
        ("docker.io/library/*", "docker.io/library/nginx", False),
        ("index.docker.io/library/*", "docker.io/library/nginx", True),
        ("registry.example.com/app@*", f"registry.example.com/app:1@{DIGEST}", True),
        ("registry.example.com/app:*", f"registry.example.com/app:1@{DIGEST}", False),
        ("***", "registry.example.com/a/b", True),
    ],
)
def test_a_cluster_image_policy_matches_full_names(pattern: str, image: str, expected: bool) -> None:
    assert sigstore_matches(pattern, image) is expected


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "index.docker.io/library/nginx:latest"),
        ("docker.io/team/app:1", "index.docker.io/team/app:1"),
        (f"ghcr.io/org/app:1@{DIGEST}", f"ghcr.io/org/app@{DIGEST}"),
        ("localhost:5000/app", "localhost:5000/app:latest"),
    ],
)
def test_names_are_completed(image: str, name: str) -> None:
    assert qualified(image) == name


def test_what_is_no_image_has_no_name() -> None:
    with pytest.raises(ImageReferenceError):
        qualified("Not An Image")


@pytest.mark.parametrize(
    ("dialect", "pattern", "text", "expected"),
    [
        ("kyverno", "ghcr.io/*", "ghcr.io/org/app:1", True),
        ("kyverno", "ghcr.io/org/ap?:1", "ghcr.io/org/app:1", True),
        ("kyverno", "ghcr.io/[a-z]*", "ghcr.io/org", False),
        ("kyverno", "", "", True),
        ("gobwas", "ghcr.io/*", "ghcr.io/org/app:1", True),
        ("gobwas", "ghcr.io/{org,team}/*", "ghcr.io/team/app", True),
        ("gobwas", "ghcr.io/{org,team}/*", "ghcr.io/other/app", False),
        ("gobwas", "app-[0-9]", "app-7", True),
        ("gobwas", "app-[!0-9]", "app-7", False),
        ("gobwas", "app-[abc]", "app-b", True),
        ("gobwas", r"app\*", "app*", True),
        ("gobwas", r"app\*", "apps", False),
        ("gobwas", "a,b}", "a,b}", True),
        ("sigstore", "a/*/c", "a/b/c", True),
        ("sigstore", "a/*/c", "a/b/b/c", False),
    ],
)
def test_each_dialect_reads_its_own(dialect: Dialect, pattern: str, text: str, expected: bool) -> None:
    assert matches(dialect, pattern, text) is expected


@pytest.mark.parametrize(
    ("dialect", "pattern", "reason"),
    [
        ("sigstore", "app-?", "besides its stars"),
        ("sigstore", "", "besides its stars"),
        ("gobwas", "{a,b", "a { has no }"),
        ("gobwas", "[a", "a \\[ has no \\]"),
        ("gobwas", "[]", "a \\[ has no \\]"),
        ("gobwas", "[z-a]", "runs backwards"),
        ("gobwas", "a\\", "a backslash ends it"),
    ],
)
def test_what_is_no_pattern_says_why(dialect: Dialect, pattern: str, reason: str) -> None:
    with pytest.raises(GlobError, match=reason):
        as_regex(dialect, pattern)


NAMES = st.text(alphabet="abz09./-_:@", max_size=12)


@given(NAMES)
def test_a_pattern_without_signs_matches_itself_only(name: str) -> None:
    for dialect in ("kyverno", "gobwas"):
        assert matches(dialect, name, name)
        assert not matches(dialect, name, name + "x")
    if name:
        assert matches("sigstore", name, name)


@given(NAMES, NAMES, NAMES)
def test_stars_take_what_their_dialect_lets_them(before: str, middle: str, after: str) -> None:
    text = f"x{before}{middle}{after}"

    assert matches("kyverno", f"x{before}*{after}", text)
    assert matches("gobwas", f"x{before}*{after}", text)
    assert matches("sigstore", f"x{before}**{after}", text)
    if "/" not in middle:
        assert matches("sigstore", f"x{before}*{after}", text)


@given(st.sampled_from(["sigstore", "kyverno", "gobwas"]), st.text(alphabet="a/*?[]{},!\\-.é\n", max_size=12), NAMES)
def test_any_text_is_a_pattern_or_says_why_not(dialect: Dialect, pattern: str, text: str) -> None:
    try:
        regex = as_regex(dialect, pattern)
    except GlobError:
        with pytest.raises(GlobError, match=r"it|runs|a "):
            matches(dialect, pattern, text)
    else:
        assert regex or not pattern
        assert matches(dialect, pattern, text) in (True, False)

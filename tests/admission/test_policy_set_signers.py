"""Signers that policies expect, held against the workflows of a repository; which lines are marked, fixtures say."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.admission.policy_set.repository import Checkout, github_name
from policylint.admission.policy_set.subjects import Ref, literal_prefix
from policylint.admission.policy_set.triggers import glob_matches, may_run, triggers
from policylint.config.file import default_config
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec
from policylint.model import Finding

Write = Callable[[Mapping[str, str]], Path]

SIGNING = "on: {push: {branches: [main]}}\njobs: {sign: {runs-on: x, permissions: {id-token: write}, steps: []}}\n"
WORKFLOW = ".github/workflows/release.yaml"
ISSUER = "https://token.actions.githubusercontent.com"
HERE = "https://github.com/acme/shop/" + WORKFLOW
CONFIG = '[core]\n\tbare = false\n[remote "origin"]\n\turl = {}\n'


def policy(*subjects: str) -> str:
    identities = "".join(f"      - {{issuer: '{ISSUER}', {each}}}\n" for each in subjects)
    return (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: signed}\nspec:\n"
        f"  images: [{{glob: 'ghcr.io/**'}}]\n  authorities:\n  - keyless:\n      identities:\n{identities}"
    )


def exactly(subject: str) -> str:
    return f"subject: '{subject}'"


def findings(*exclude: str) -> Sequence[Finding]:
    config = default_config(Path.cwd())._replace(exclude=exclude)
    result = check(CheckRequest((".",), RunSpec(config, date(2030, 1, 1), select=("PRJ014",))))
    assert not result.report.errors
    return result.report.findings


def test_a_subject_of_this_repository_is_judged(write: Write) -> None:
    write(
        {
            ".git/config": CONFIG.format("git@github.com:Acme/shop.git"),
            WORKFLOW: SIGNING,
            "policy.yaml": policy(exactly(f"{HERE}@refs/heads/main"), exactly(f"{HERE}@refs/heads/next")),
        }
    )
    (found,) = findings()

    assert (found.severity, found.location.line) == ("warning", 10)
    assert found.message == (
        f"no workflow here can sign as {HERE}@refs/heads/next: {WORKFLOW} never runs at refs/heads/next: it runs on"
        " push (branches main)"
    )


@pytest.mark.parametrize("url", ["https://github.com/acme/other", "https://gitlab.com/acme/shop", "/srv/git/shop"])
def test_a_subject_of_another_repository_is_not(write: Write, url: str) -> None:
    write(
        {
            ".git/config": CONFIG.format(url),
            WORKFLOW: SIGNING,
            "policy.yaml": policy(exactly(f"{HERE}@refs/heads/next")),
        }
    )

    assert findings() == ()


def test_the_repository_that_a_fork_was_made_of_counts(write: Write) -> None:
    upstream = '[remote "upstream"]\n\turl = https://github.com/acme/shop\n'
    write(
        {
            ".git/config": CONFIG.format("https://github.com/me/shop") + upstream,
            WORKFLOW: SIGNING,
            "policy.yaml": policy(exactly(f"{HERE}@refs/heads/next")),
        }
    )

    assert [found.severity for found in findings()] == ["warning"]


def test_without_a_name_the_verdict_depends_on_it_and_says_so(write: Write) -> None:
    write({WORKFLOW: SIGNING, "policy.yaml": policy(exactly(f"{HERE}@refs/heads/next"))})
    (found,) = findings()

    assert found.severity == "info"
    assert found.message.startswith("if this repository is acme/shop, which nothing says: no workflow here can sign")


def test_without_a_name_nothing_is_said_of_several_repositories(write: Write) -> None:
    other = exactly(f"https://github.com/acme/base/{WORKFLOW}@refs/heads/next")
    write({WORKFLOW: SIGNING, "policy.yaml": policy(exactly(f"{HERE}@refs/heads/next"), other)})

    assert findings() == ()


def test_workflows_below_the_top_of_a_checkout_are_no_workflows(write: Write) -> None:
    write(
        {
            ".git/config": CONFIG.format("https://github.com/acme/shop"),
            f"examples/{WORKFLOW}": SIGNING,
            "policy.yaml": policy(exactly(f"{HERE}@refs/heads/next")),
        }
    )

    assert findings() == ()


def test_a_workflow_that_was_not_handed_over_is_unknown(write: Write) -> None:
    write(
        {
            ".git/config": CONFIG.format("https://github.com/acme/shop"),
            WORKFLOW: SIGNING,
            ".github/workflows/test.yaml": SIGNING,
            "policies/policy.yaml": policy(exactly(f"{HERE}@refs/heads/next"), exactly(f"{HERE}.yaml@refs/heads/main")),
        }
    )
    (found,) = findings(WORKFLOW)

    assert found.message.endswith("release.yaml.yaml is not in this repository")


@pytest.mark.parametrize(
    ("permissions", "refused"),
    [
        ("permissions: {contents: read}", True),
        ("permissions: {}", True),
        ("permissions: read-all", True),
        ("permissions: {id-token: read}", True),
        ("permissions: write-all", False),
        ("permissions: {id-token: write}", False),
        ("env: {}", False),  # what the repository gives is not known
    ],
)
def test_permissions_that_are_written_decide(write: Write, permissions: str, refused: bool) -> None:
    workflow = f"on: [push]\n{permissions}\njobs: {{sign: {{runs-on: x, steps: []}}}}\n"
    config = CONFIG.format("https://github.com/acme/shop")
    write({".git/config": config, WORKFLOW: workflow, "policy.yaml": policy(exactly(f"{HERE}@refs/heads/main"))})

    assert [found.message.endswith("without which there is no certificate") for found in findings()] == [True] * refused


@pytest.mark.parametrize(
    "text", ["jobs: []", "on: 7\njobs: {a: b}", "on: {push: [x]}\njobs: {sign: {steps: 1}}", "a: b"]
)
def test_a_workflow_that_github_refuses_is_not_judged_for_its_runs(write: Write, text: str) -> None:
    config = CONFIG.format("https://github.com/acme/shop")
    write({".git/config": config, WORKFLOW: text, "policy.yaml": policy(exactly(f"{HERE}@refs/heads/main"))})

    assert findings() == ()


@pytest.mark.parametrize(
    "subject",
    [
        r"subjectRegExp: '^https://github\.com/acme/shop/\.github/workflows/release\.ya?ml@refs/heads/.+$'",
        r"subjectRegExp: 'https://github\.com/acme/shop/\.github/workflows/.*@refs/(heads|tags)/'",
        r"subjectRegExp: '^https://github\.com/acme/shop/.*'",
        r"subjectRegExp: 'github\.com/acme/shop/\.github/workflows/gone\.yml@refs/heads/main'",
        r"subjectRegExp: '^https://github\.com/(acme|emca)/shop/\.github/workflows/gone\.yml@refs/heads/main'",
        r"subjectRegExp: '^https://github\.com/acme/shop/gone@main|.*'",
        r"subjectRegExp: '^https://github\.com/acme/shop/gone[@main'",
        "subject: 'https://github.com/acme/shop/.github/workflows/${FILE}@refs/heads/main'",
        "subject: someone@acme.example",
    ],
)
def test_what_may_be_met_or_cannot_be_read_is_left_alone(write: Write, subject: str) -> None:
    config = CONFIG.format("https://github.com/acme/shop")
    write({".git/config": config, WORKFLOW: SIGNING, "policy.yaml": policy(subject)})

    assert findings() == ()


EXACT = [
    ("push", "refs/heads/main", True),
    ("push", "refs/tags/v1", True),
    ("push", "refs/pull/1/merge", False),
    ("[push, pull_request]", "refs/pull/1/merge", True),
    ("{push: {branches: [main]}}", "refs/tags/v1", False),
    ("{push: {branches-ignore: [main]}}", "refs/heads/main", False),
    ("{push: {branches-ignore: [main]}}", "refs/heads/next", True),
    ("{push: {tags: ['v*']}}", "refs/heads/main", False),
    ("{push: {tags: ['v*', '!v*-rc*', 'v9-rc1']}}", "refs/tags/v1-rc1", False),
    ("{push: {tags: ['v*', '!v*-rc*', 'v9-rc1']}}", "refs/tags/v9-rc1", True),
    ("{push: {tags-ignore: [next]}}", "refs/heads/main", False),
    ("{push: {paths: [src]}}", "refs/tags/v1", True),
    ("{push: {branches: main}}", "refs/heads/main", True),
    ("{pull_request: {types: [closed], branches: [main]}}", "refs/heads/main", True),
    ("{pull_request: {types: [closed], branches: [main]}}", "refs/heads/next", False),
    ("{pull_request: }", "refs/heads/main", False),
    ("pull_request_target", "refs/heads/main", True),
    ("release", "refs/tags/v1", True),
    ("release", "refs/heads/main", False),
    ("{schedule: [{cron: '1 2 * * *'}]}", "refs/heads/whatever", True),
    ("{schedule: [{cron: '1 2 * * *'}]}", "refs/tags/v1", False),
    ("workflow_dispatch", "refs/tags/v1", True),
    ("workflow_dispatch", "refs/heads/next", True),
    ("workflow_dispatch", "main", False),
    ("workflow_call", "2541b1294d2704b0964813337f33b291d3f8596b", True),
    ("an_event_of_tomorrow", "refs/heads/main", True),
]


@pytest.mark.parametrize(("on", "ref", "possible"), EXACT)
def test_events_and_their_filters_decide_at_which_refs_a_workflow_runs(on: str, ref: str, possible: bool) -> None:
    import yaml

    found = triggers({"on": yaml.safe_load(on)})

    assert any(may_run(each, Ref(ref, True, re.escape(ref) + "$")) for each in found) is possible


@pytest.mark.parametrize(
    ("on", "pattern", "possible"),
    [
        ("{push: {tags: ['v*']}}", r"refs/tags/v\d+$", True),
        ("{push: {tags: ['v*']}}", r"refs/tags/release-.*$", False),
        ("{push: {tags: ['v?1']}}", r"refs/tags/1$", True),
        ("{push: {tags: [latest]}}", r"refs/tags/v.*$", False),
        ("{push: {tags: [latest]}}", r"refs/tags/l.*$", True),
        ("{push: {branches: [main]}}", r"refs/(heads|tags)/.*$", True),
        ("{push: {tags: ['*']}}", r"refs/heads/.*$", False),
        ("release", r"refs/heads/.*$", False),
        ("release", r".*$", True),
    ],
)
def test_a_pattern_of_refs_is_judged_by_how_it_begins(on: str, pattern: str, possible: bool) -> None:
    import yaml

    prefix, exact = literal_prefix(pattern)

    assert any(may_run(each, Ref(prefix, exact, pattern)) for each in triggers({"on": yaml.safe_load(on)})) is possible


@pytest.mark.parametrize(
    ("pattern", "name", "matched"),
    [
        ("main", "main", True),
        ("main", "main2", False),
        ("*", "a/b", False),
        ("**", "a/b", True),
        ("release/**", "release/1/2", True),
        ("v[0-9]+.*", "v12.3", True),
        ("v[0-9]+.*", "vx.3", False),
        ("v?1", "1", True),
        ("a.b", "axb", False),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("[", "x", False),
        ("+", "x", True),
    ],
)
def test_filter_patterns_are_those_of_github(pattern: str, name: str, matched: bool) -> None:
    assert glob_matches(pattern, name) is matched


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/shop", "acme/shop"),
        ("https://github.com/acme/shop.git", "acme/shop"),
        ("https://x-access-token:secret@github.com/acme/shop.git/", "acme/shop"),
        ("git@github.com:acme/shop.git", "acme/shop"),
        ("ssh://git@github.com/acme/shop.git", "acme/shop"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "acme/shop"),
        ("git://github.com/acme/sh.op", "acme/sh.op"),
        ("https://notgithub.com/acme/shop", ""),
        ("https://github.com.evil.example/acme/shop", ""),
        ("https://gitlab.com/acme/shop", ""),
        ("../shop.git", ""),
        ("", ""),
    ],
)
def test_remotes_at_github_have_names(url: str, name: str) -> None:
    assert github_name(url) == name


def test_a_worktree_is_a_checkout_of_what_it_belongs_to(write: Write) -> None:
    root = write(
        {
            "main/.git/config": CONFIG.format('"https://github.com/acme/shop.git"  ; where it was cloned from'),
            "main/.git/worktrees/next/commondir": "../..\n",
            "next/.git": "gitdir: ../main/.git/worktrees/next\n",
            "none/.git/config": "[core]\n\tbare = false\n",
            "other/.git": "nonsense\n",
        }
    )

    assert Checkout.at(root / "next") == Checkout(root / "next", frozenset({"acme/shop"}))
    assert Checkout.at(root / "none") == Checkout(root / "none", None)
    assert Checkout.at(root / "other") is None
    assert Checkout.at(root) is None


@given(st.text(min_size=1, max_size=40))
def test_an_escaped_text_is_its_own_prefix_and_all_of_it(text: str) -> None:
    assert literal_prefix(re.escape(text) + "$") == (text, True)
    assert literal_prefix(re.escape(text) + ".*$") == (text, False)


@given(st.text(alphabet="ab.*+?()[]{}|^$\\@/", max_size=20))
def test_every_pattern_has_a_prefix(pattern: str) -> None:
    prefix, _ = literal_prefix(pattern)
    assert len(prefix) <= len(pattern)

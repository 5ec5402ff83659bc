"""What the SIG rules say of design mistakes; which lines they mark is the fixtures' matter."""

import importlib.util
from functools import lru_cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policylint.admission.sigstore import globs
from policylint.api import Document, Problem, RuleContext
from policylint.config import Config
from policylint.document.compose import ComposedDocument, compose
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.views.globs import sigstore_matches

RULES = Path(__file__).parents[2] / "rules" / "sigstore"


@lru_cache
def rule(rule_id: str) -> Any:
    (path,) = RULES.glob(f"{rule_id}-*.py")
    spec = importlib.util.spec_from_file_location(f"rule_{rule_id}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(rule_id: str, text: str) -> list[Problem]:
    module = rule(rule_id)
    source = Source("policy.yaml", dedent(text))
    (composed,) = compose(source.text)
    assert isinstance(composed, ComposedDocument)
    document = Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")
    context = RuleContext(Config(), {name: option.default for name, option in module.RULE.options.items()})
    return [problem for view in module.RULE.judges.of(document) for problem in module.check(view, context)]


def policy(spec: str) -> str:
    return "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nspec: " + spec + "\n"


def test_an_entry_that_never_matches_says_what_becomes_of_the_policy() -> None:
    (alone,) = run("SIG142", policy("{match: [{resource: pods}]}"))
    (beside,) = run("SIG142", policy("{match: [{resource: pods}, {resource: pods, version: v1}]}"))

    said = "pods are of version v1, and the entry has no version, which is compared as an empty one"
    assert alone.message == f"{said}: the whole policy applies to nothing"
    assert beside.message == f"{said}: this entry selects nothing"


def test_a_single_star_explains_the_dialects() -> None:
    (problem,) = run("SIG144", policy('{images: [{glob: "ghcr.io/*"}]}'))

    assert problem.message == (
        "ghcr.io/* is less than it looks like, * stops at /, and images of ghcr.io lie at least 2 segments below it"
    )
    assert "Kyverno's * crosses /" in problem.help


def test_the_weak_authority_is_named_beside_the_strong_one() -> None:
    person = "{identities: [{issuer: 'https://accounts.google.com', subject: user@example.com}]}"
    (problem,) = run("SIG146", policy(f"{{authorities: [{{name: hsm, key: {{}}}}, {{keyless: {person}}}]}}"))

    assert problem.message == (
        "authorities are alternatives, and authority-1 passes with the account of one person, user@example.com:"
        " hsm is not needed then"
    )
    assert [str(each.path) for each in problem.related] == ["spec.authorities[0]"]


@pytest.mark.parametrize(
    ("glob", "instead"),
    [
        ("docker.io/library/nginx", "index.docker.io/library/nginx"),
        ("docker.io/nginx", "index.docker.io/library/nginx"),
        ("docker.io/*", "index.docker.io/*"),
        ("index.docker.io/nginx", "index.docker.io/library/nginx"),
        ("index.docker.io/**", ""),
        ("example.com/docker.io", ""),
    ],
)
def test_other_names_of_docker_hub(glob: str, instead: str) -> None:
    assert globs.other_hub_name(glob) == instead


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.sampled_from(["**", "a/*", "docker.io/x", ".*", "pass", "v1", "["])
)
KEYS = st.sampled_from(
    """images glob authorities key data kms keyless identities issuer subjectRegExp static action match resource version
    mode ctlog url signatureFormat scopes ca-cert""".split()  # noqa: SIM905
)
GARBAGE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


@given(GARBAGE)
def test_no_object_breaks_a_rule(spec: Any) -> None:
    text = yaml.safe_dump({"apiVersion": "policy.sigstore.dev/v1beta1", "kind": "ClusterImagePolicy", "spec": spec})

    for path in sorted(RULES.glob("SIG1[45]*.py")):
        for problem in run(path.name[:6], text):
            assert problem.message
            assert problem.path


SEGMENTS = st.sampled_from(["*", "**", "a", "app", "app*", "A", "library"])
IMAGES = st.sampled_from(
    [
        f"{name}@sha256:{'0' * 64}"
        for name in (
            "nginx",
            "a/app",
            "localhost/a",
            "ghcr.io/a/app",
            "gcr.io/app",
            "example.com/a",
            "example.com/a/app/b",
        )
    ]
)


@given(st.sampled_from(["", "docker.io/", "index.docker.io/", "ghcr.io/", "example.com/", "*/", "**/"]),
       st.lists(SEGMENTS, min_size=1, max_size=3), st.sampled_from(["", "@*", ":v1", ":*"]), IMAGES)  # fmt: skip
def test_what_is_said_never_to_match_does_not(registry: str, segments: list[str], version: str, image: str) -> None:
    glob = registry + "/".join(segments) + version

    if globs.never(glob) or globs.other_hub_name(glob):
        assert not sigstore_matches(glob, image)

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES, WORKFLOW
from policylint.document.source import Source
from policylint.model import YamlPath
from policylint.views.images import MOVING_TAGS
from policylint.views.workflow import GithubFile
from policylint.views.workflow_images import Candidate, workflow_images

HEX = "bfadbbcb25fd75c30c295843f1a861414f46c080f0f1d0c5cd93843c88edabcf"


def file(text: str, role: str = "workflow") -> GithubFile:
    (composed,) = compose(text)
    assert isinstance(composed, ComposedDocument)
    (view,) = GithubFile.of(Document(Source("w.yaml", text), composed.node, composed.base, 0, WORKFLOW, role))
    return view


def images(job: str) -> list[tuple[str, list[Candidate], str]]:
    view = file("on: push\njobs:\n  a:\n" + "".join(f"    {line}\n" for line in job.splitlines()))
    return [(str(image.path), list(image.candidates), image.refusal) for image in workflow_images(view)]


def test_other_documents_have_no_view() -> None:
    (composed,) = compose("kind: Pod")
    assert isinstance(composed, ComposedDocument)
    document = Document(Source("p.yaml", "kind: Pod"), composed.node, composed.base, 0, KUBERNETES, "kubernetes")
    assert list(GithubFile.of(document)) == []


def test_every_uses_of_a_workflow_in_order() -> None:
    view = file(
        """
on: push
jobs:
  a:
    steps:
    - run: x
    - uses: a/b@v1
    - parallel:
      - uses: ./c
  b:
    uses: d/e/.github/workflows/f.yaml@main
"""
    )
    assert [(str(path), uses.text, call) for path, uses, call in view.uses] == [
        ("jobs.a.steps[1].uses", "a/b@v1", False),
        ("jobs.a.steps[2].parallel[0].uses", "./c", False),
        ("jobs.b.uses", "d/e/.github/workflows/f.yaml@main", True),
    ]
    assert view.shape_problems == ()


def test_every_uses_of_a_composite_action() -> None:
    view = file("runs:\n  using: composite\n  steps:\n  - uses: a/b@v1\n  - run: x\n", "action")
    assert [str(path) for path, _, _ in view.uses] == ["runs.steps[0].uses"]
    assert (view.jobs, len(view.action_steps)) == ((), 2)


def test_wrong_types_are_noted_and_hide_nothing() -> None:
    view = file("on: push\njobs:\n  a: 5\n  b: {steps: [7, {uses: [x]}, {uses: a/b@v1}]}\n  c: {steps: x}\n")
    assert [uses.text for _, uses, _ in view.uses] == ["a/b@v1"]
    assert sorted(problem.message for problem in view.shape_problems) == [
        "jobs.a takes a mapping, but is a number",
        "jobs.b.steps[0] takes a mapping, but is a number",
        "jobs.b.steps[1].uses takes a string, but is a list",
        "jobs.c.steps takes a list, but is a string",
    ]


def test_places_of_images() -> None:
    found = images(
        "container: a\nservices:\n  x: b\n  y: {image: c}\n  z: {image: ''}\n  o: {ports: [1]}\nsteps:\n- uses: docker://d"
    )
    assert [(path, [one.text for one in candidates]) for path, candidates, _ in found] == [
        ("jobs.a.container", ["a"]),
        ("jobs.a.services.x", ["b"]),
        ("jobs.a.services.y.image", ["c"]),
        ("jobs.a.steps[0].uses", ["d"]),
    ]


def test_images_of_a_docker_action() -> None:
    for image, expected in [
        ("docker://a:1", [("a:1", "")]),
        ("Docker://a:1", [("a:1", "")]),
        ("Dockerfile", []),
        ("x/y.Dockerfile", []),
        ("dockerfile.dev", []),
        ("a:1", [("a:1", "it is neither a path to a Dockerfile nor docker:// and an image")]),
        ("docker://${{ inputs.x }}", [("${{ inputs.x }}", "GitHub evaluates no expressions there")]),
    ]:
        view = file(f"runs: {{using: docker, image: '{image}'}}", "action")
        assert [(one.text, one.refusal) for one in workflow_images(view)] == expected


def test_matrix_values_one_by_one_each_with_its_place() -> None:
    ((_, candidates, _),) = images(
        "strategy:\n  matrix:\n    os: [x, y]\n    image: [a, b]\n    include: [{os: z, image: a}]\n"
        "container: ${{ matrix.image }}"
    )
    matrix = YamlPath.of("jobs", "a", "strategy", "matrix")
    assert candidates == [
        Candidate("a", (), (matrix / "image" / 0,)),
        Candidate("b", (), (matrix / "image" / 1,)),
        Candidate("a", (), (matrix / "include" / 0 / "image",)),
    ]


@pytest.mark.parametrize(
    ("image", "candidates"),
    [
        ("n:${{ matrix.v }}", ["n:18", "n:20"]),
        ("${{ matrix.v == 18 && 'a' || 'b' }}", ["a", "b"]),
        ("${{ matrix.absent || '' }}", []),
        ("${{ matrix.absent }}", []),
        ("${{ inputs.x && 'a' || '' }}", ["a"]),
        ("${{ inputs.x || vars.Y }}", ["${{ inputs.x || vars.Y }} ? inputs.x", "${{ inputs.x || vars.Y }} ? vars.Y"]),
        ("${{ github.repository }}:${{ matrix.v }}", [
            "${{ github.repository }}:18 ? github.repository", "${{ github.repository }}:20 ? github.repository",
        ]),
        ("docker://a", ["a"]),
    ],
)  # fmt: skip
def test_computed_images(image: str, candidates: list[str]) -> None:
    ((_, found, refusal),) = images(f'strategy: {{matrix: {{v: [18, 20.0]}}}}\ncontainer: "{image}"')
    assert [" ? ".join((one.text, *one.unknown)) for one in found] == candidates
    assert refusal == ""


@pytest.mark.parametrize(
    ("container", "refusal"),
    [
        (
            "${{ env.X }}/a",
            "the env context is not available there, only github, needs, strategy, matrix, vars, inputs",
        ),
        ("${{ x", "an expression that begins with ${{ is not closed by }}"),
        ("${{ }}", "an expression is empty or ends too early"),
    ],
)
def test_what_github_refuses(container: str, refusal: str) -> None:
    assert images(f'container: "{container}"') == [("jobs.a.container", [], refusal)]


def test_an_image_is_no_list() -> None:
    assert images("container: [a]") == [("jobs.a.container", [], "it is a list, not an image")]


def test_very_many_outcomes_are_unknown() -> None:
    part = "${{ inputs.a || inputs.b }}"
    ((_, candidates, _),) = images(f'container: "{part * 9}"')
    assert candidates == [Candidate(part * 9, ("an expression with very many outcomes",))]


@pytest.mark.parametrize(
    ("text", "pinning"),
    [
        ("${{ x }}", "unknown"),
        ("node:${{ x }}", "unknown"),
        ("ghcr.io/${{ x }}", "unknown"),
        ("${{ x }}-alpine", "unknown"),
        ("ghcr.io/${{ x }}/tool", "none"),
        ("localhost:${{ x }}/tool:1", "tag"),
        ("${{ x }}/tool:1", "tag"),
        ("${{ x }}:latest", "moving-tag"),
        ("tool@${{ x }}", "digest"),
        ("tool@sha256:${{ x }}", "digest"),
        (f"${{{{ x }}}}@sha256:{HEX}", "digest"),
        ("${{ x }}@sha256:abc", "malformed"),
        ("/${{ x }}/:1", "unknown"),
    ],
)
def test_what_the_known_part_decides(text: str, pinning: str) -> None:
    assert Candidate(text, ("x",)).judge(MOVING_TAGS).pinning == pinning


def test_reasons() -> None:
    assert Candidate("${{ x }}", ("x", "y")).judge(()).reason == "x and y is known only at run time"
    assert Candidate("A").judge(()).reason == "the repository A has upper-case letters, and a repository is lower-case"


KEYS = st.sampled_from(
    ["jobs", "a", "steps", "uses", "container", "services", "image", "strategy", "matrix", "include"]
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["${{ matrix.a }}", "a/b@v1"])
)
ANY = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


class Fake(Document):
    """A document of plain data: views read nothing else."""

    def __init__(self, data: Any, role: str) -> None:
        self.data = data
        self.role = role


@given(ANY, ANY, st.sampled_from(["workflow", "action"]))
def test_any_data_has_a_view(job: Any, runs: Any, role: str) -> None:
    view = GithubFile(Fake({"jobs": {"a": job}, "runs": runs}, role))
    found = [verdict for image in workflow_images(view) for one in image.candidates for verdict in [one.judge(())]]
    assert all(verdict.pinning != "malformed" or verdict.reason for verdict in found)
    assert isinstance(view.shape_problems, tuple)
    assert len(list(view.uses)) >= 0

"""The container images that workflows and actions run: where each is written, and what it can come to.

An image may be computed. What the file itself decides (literals, the matrix) is followed; what only a run decides
stays in the text as its expression and is named in `unknown`.
"""

import itertools
import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from policylint.model import YamlPath
from policylint.views.expression_values import Known, Lookup, Outcome, Unknown, as_text, evaluate, truthy
from policylint.views.expressions import EMBEDDED, Embedded, ExpressionError, contexts, split_template
from policylint.views.images import ImageReferenceError, Pinning, judge_pinning, parse_image
from policylint.views.matrix import Combination
from policylint.views.shape import type_name
from policylint.views.workflow import GithubFile, Job, UsesClause

# GitHub docs, "Contexts reference", context availability: jobs.<job_id>.container.image and jobs.<job_id>.services
AVAILABLE_CONTEXTS = ("github", "needs", "strategy", "matrix", "vars", "inputs")
_MAX_WAYS = 256

_DOCKER_SCHEME = "docker://"
# what computed text is taken for: it can stand in a host, a port, a path and a tag alike
_STAND_IN = "0"


class Verdict(NamedTuple):
    """`malformed` and `unknown` come with a reason, the end of a sentence."""

    pinning: Pinning | Literal["malformed", "unknown"]
    reason: str = ""


class Candidate(NamedTuple):
    """One text that an image can come to. `places` are the values of the matrix that it is made of."""

    text: str
    unknown: tuple[str, ...] = ()
    places: tuple[YamlPath, ...] = ()

    def judge(self, moving_tags: Collection[str]) -> Verdict:
        """How firmly it names one image, as far as the known part of its text decides it."""
        return _judge(self, moving_tags)


class WorkflowImage(NamedTuple):
    """An image as written. `what` names its place; `refusal` says why GitHub refuses what is written."""

    path: YamlPath
    what: str
    text: str
    candidates: tuple[Candidate, ...]
    refusal: str = ""


def workflow_images(file: GithubFile) -> Iterator[WorkflowImage]:
    """Every image of the file in order; a local Dockerfile and an image that is empty are none."""
    for job in file.jobs:
        yield from _job_images(job)
    yield from _step_images(step.uses for step in file.action_steps)
    if str(file.runs.get("using")).lower() == "docker":
        yield from _action_image(file.runs.get("image"), YamlPath.of("runs", "image"))


def _judge(candidate: Candidate, moving_tags: Collection[str]) -> Verdict:
    if not candidate.unknown:
        try:
            return Verdict(judge_pinning(parse_image(candidate.text), moving_tags))
        except ImageReferenceError as error:
            return Verdict("malformed", str(error))
    reason = f"{' and '.join(candidate.unknown)} is known only at run time"
    before, at, digest = EMBEDDED.sub(_STAND_IN, candidate.text).partition("@")
    if at:  # only a digest can stand there, whatever computes it
        return Verdict("digest") if "}}" in candidate.text.rpartition("@")[2] else _judge_digest(digest)
    tail = candidate.text.rpartition("}}")[2]
    if "/" not in tail and ":" not in tail:
        return Verdict("unknown", reason)
    try:
        return Verdict(judge_pinning(parse_image(before), moving_tags))
    except ImageReferenceError:
        return Verdict("unknown", reason)


def _judge_digest(digest: str) -> Verdict:
    try:
        return Verdict(judge_pinning(parse_image(f"x@{digest}")))
    except ImageReferenceError as error:
        return Verdict("malformed", str(error))


def _job_images(job: Job) -> Iterator[WorkflowImage]:
    path = job.path / "container"
    yield from _container(job.fields.get("container"), path, "the job's container", job.matrix)
    services = job.fields.get("services")
    path = job.path / "services"
    if isinstance(services, str):
        yield from _container(services, path, "the services' image", job.matrix)
    elif isinstance(services, dict):
        for name, value in services.items():
            yield from _container(value, path / str(name), f"the service {name}", job.matrix)
    elif services is not None:
        yield WorkflowImage(path, "the services' image", "", (), f"it is {type_name(services)}, not a mapping")
    yield from _step_images(step.uses for step in job.steps)


def _action_image(value: Any, path: YamlPath) -> Iterator[WorkflowImage]:
    """`runs.image` is a Dockerfile's path or an image behind `docker://` (actions/runner, ActionManager)."""
    what = "this action's image"
    if not isinstance(value, str) or not value:
        return
    if value.lower().startswith(_DOCKER_SCHEME):
        yield _fixed(path, what, value[len(_DOCKER_SCHEME) :])
        return
    name = value.rpartition("/")[2].lower()
    if not name.startswith("dockerfile.") and not name.endswith("dockerfile"):
        yield WorkflowImage(path, what, value, (), "it is neither a path to a Dockerfile nor docker:// and an image")


def _step_images(clauses: Iterator[UsesClause | None]) -> Iterator[WorkflowImage]:
    for clause in clauses:
        if clause is not None and clause.uses.kind == "docker":
            yield _fixed(clause.path, "this step's image", clause.uses.image)


def _fixed(path: YamlPath, what: str, image: str) -> WorkflowImage:
    """An image where GitHub evaluates no expressions."""
    if "${{" in image:
        return WorkflowImage(path, what, image, (), "GitHub evaluates no expressions there")
    return WorkflowImage(path, what, image, (Candidate(image),))


def _container(value: Any, path: YamlPath, what: str, matrix: tuple[Combination, ...]) -> Iterator[WorkflowImage]:
    if isinstance(value, dict):
        value, path = value.get("image"), path / "image"
    if value is None or value == "":
        return
    if isinstance(value, bool | list | dict):
        yield WorkflowImage(path, what, "", (), f"it is {type_name(value)}, not an image")
        return
    text = as_text(value).strip()
    try:
        parts = split_template(text)
    except ExpressionError as error:
        yield WorkflowImage(path, what, text, (), str(error))
        return
    strangers = [name for part in parts if isinstance(part, Embedded) for name in contexts(part.expression)]
    foreign = next((name for name in strangers if name not in AVAILABLE_CONTEXTS), None)
    if foreign is not None:
        reason = f"the {foreign} context is not available there, only {', '.join(AVAILABLE_CONTEXTS)}"
        yield WorkflowImage(path, what, text, (), reason)
        return
    found = (candidate for combination in matrix for candidate in _candidates(parts, combination))
    # the runner takes `docker://` off a container's image (PipelineTemplateConverter `ConvertToJobContainer`)
    images = (one._replace(text=one.text.removeprefix(_DOCKER_SCHEME)) for one in found if one.text)
    yield WorkflowImage(path, what, text, tuple(dict.fromkeys(images)))


def _candidates(parts: tuple[str | Embedded, ...], combination: Combination) -> Iterator[Candidate]:
    lookup = _lookup(combination)
    alone = len(parts) == 1
    ways = [[Candidate(part)] if isinstance(part, str) else _ways(part, lookup, alone) for part in parts]
    if math.prod(map(len, ways)) > _MAX_WAYS:
        text = "".join(part if isinstance(part, str) else part.text for part in parts)
        yield Candidate(text, ("an expression with very many outcomes",))
        return
    for choice in itertools.product(*ways):
        yield Candidate(
            "".join(one.text for one in choice),
            tuple(dict.fromkeys(what for one in choice for what in one.unknown)),
            tuple(dict.fromkeys(place for one in choice for place in one.places)),
        )


def _lookup(combination: Combination) -> Lookup:
    def lookup(context: str, keys: tuple[str | int, ...]) -> Outcome:
        return combination.lookup(keys) if context == "matrix" else Unknown(".".join(map(str, (context, *keys))))

    return lookup


def _ways(part: Embedded, lookup: Lookup, alone: bool) -> list[Candidate]:
    """What an expression can come to. One that is the whole image may also come to a mapping, or to no image."""
    found = []
    for outcome in evaluate(part.expression, lookup):
        if isinstance(outcome, Unknown):
            found.append(Candidate(part.text, (outcome.what,)))
            continue
        known = _image_of(outcome) if alone else outcome
        if isinstance(known.value, list | dict):
            found.append(Candidate(part.text, ("a list or a mapping",)))
        elif not alone or truthy(known.value):
            found.append(Candidate(as_text(known.value), (), known.places))
    return found


def _image_of(outcome: Known) -> Known:
    value: Any = outcome.value
    if isinstance(value, Mapping) and isinstance(value.get("image"), str) and "${{" not in value["image"]:
        return Known(value["image"], tuple(place / "image" for place in outcome.places))
    return outcome

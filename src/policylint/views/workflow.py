"""GitHub workflows and actions: their jobs, steps and every `uses:` in them.

Sources: actions/runner, src/Sdk/DTPipelines/workflow-v1.0.json and src/Runner.Worker/action_yaml.json, and GitHub's
workflow and metadata syntax references. Rules name this module whatever is linted, so it imports the readers of
expressions and `uses:` only when there is a workflow to read.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from policylint.document.document import Document
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape, ShapeProblem

if TYPE_CHECKING:
    from policylint.views.matrix import Combination
    from policylint.views.uses import Uses

# How deep `parallel:` is followed; GitHub allows no nesting of it.
_MAX_NESTING = 4


class UsesClause(NamedTuple):
    """A `uses:` and its place. `calls_workflow` tells a job's `uses:` from a step's."""

    path: YamlPath
    uses: "Uses"
    calls_workflow: bool = False


class Step(NamedTuple):
    """A step of a job or of a composite action, and its keys as they are."""

    path: YamlPath
    fields: Mapping[str, Any]
    uses: UsesClause | None


class Job(NamedTuple):
    """A job. `call` is the reusable workflow that it calls; such a job has no steps."""

    id: str
    path: YamlPath
    fields: Mapping[str, Any]
    call: UsesClause | None
    steps: tuple[Step, ...]
    matrix: "tuple[Combination, ...]"


class GithubFile:
    """A workflow (it has `jobs`) or an action (it has `runs`); read-only."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._shape = Shape()

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        if document.role in ("workflow", "action"):
            yield cls(document)

    @property
    def shape_problems(self) -> tuple[ShapeProblem, ...]:
        """Values whose type GitHub refuses, among those that have been read."""
        _ = self.jobs, self.runs, self.action_steps
        return self._shape.problems

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of a workflow; none for an action."""
        if self.document.role != "workflow":
            return ()
        root = self._shape.mapping(self.document.data, ROOT)
        path = YamlPath.of("jobs")
        return tuple(self._job(name, value, path / name) for name, value in self._items(root.get("jobs"), path))

    @cached_property
    def runs(self) -> Mapping[str, Any]:
        """`runs` of an action; empty for a workflow."""
        if self.document.role != "action":
            return {}
        root = self._shape.mapping(self.document.data, ROOT)
        return self._shape.mapping(root.get("runs"), YamlPath.of("runs"))

    @cached_property
    def action_steps(self) -> tuple[Step, ...]:
        """The steps of a composite action."""
        return tuple(self._steps(self.runs.get("steps"), YamlPath.of("runs", "steps"), 0))

    @property
    def uses(self) -> Iterator[UsesClause]:
        """Every `uses:` of the file, in order."""
        for job in self.jobs:
            if job.call is not None:
                yield job.call
            yield from (step.uses for step in job.steps if step.uses is not None)
        yield from (step.uses for step in self.action_steps if step.uses is not None)

    def _items(self, value: Any, path: YamlPath) -> list[tuple[str, Any]]:
        return [(str(key), item) for key, item in self._shape.mapping(value, path).items()]

    def _job(self, name: str, value: Any, path: YamlPath) -> Job:
        from policylint.views.matrix import expand

        fields = self._shape.mapping(value, path)
        strategy_path = path / "strategy"
        strategy = fields.get("strategy")
        if isinstance(strategy, str):
            matrix = expand(strategy, strategy_path, self._shape)
        else:
            stated = self._shape.mapping(strategy, strategy_path).get("matrix")
            matrix = expand(stated, strategy_path / "matrix", self._shape)
        call = self._clause(fields, path, calls_workflow=True)
        return Job(name, path, fields, call, tuple(self._steps(fields.get("steps"), path / "steps", 0)), matrix)

    def _steps(self, value: Any, path: YamlPath, nesting: int) -> Iterator[Step]:
        for where, fields in self._shape.mappings(value, path):
            yield Step(where, fields, self._clause(fields, where))
            if "parallel" in fields and nesting < _MAX_NESTING:
                yield from self._steps(fields["parallel"], where / "parallel", nesting + 1)

    def _clause(self, fields: Mapping[str, Any], path: YamlPath, calls_workflow: bool = False) -> UsesClause | None:
        if "uses" not in fields:
            return None
        from policylint.views.uses import parse_uses

        where = path / "uses"
        text = self._shape.string(fields["uses"] if fields["uses"] is not None else "", where)
        return None if text is None else UsesClause(where, parse_uses(text), calls_workflow)

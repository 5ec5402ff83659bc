"""Rules that generate objects: data, clone, cloneList, and foreach of these.

As kyverno cmd/cli/kubectl-kyverno/processor/generate.go and pkg/background/generate, where the objects that are there
are the trigger and the clone sources of the suite.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.engine.conditions import evaluate_conditions
from policylint.engine.entries import load_entries
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.handling import Answer, RuleRun
from policylint.engine.request import GroupVersionKind, Object
from policylint.engine.response import Step
from policylint.engine.selectors import LabelSelector
from policylint.engine.variables import substitute
from policylint.model import YamlPath
from policylint.views.shape import Shape

_LABEL = "generate.kyverno.io/"
_MANAGED_BY = "app.kubernetes.io/managed-by"
_NOT_CLONED = ("uid", "selfLink", "creationTimestamp", "managedFields", "resourceVersion")
_PATTERN_KEYS = ("apiVersion", "kind", "namespace", "name", "uid", "data", "clone", "cloneList")
_NOTHING = "nothing was generated"


class _Target(NamedTuple):
    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, resource: Object) -> "_Target":
        metadata = _mapping(resource.get("metadata"))
        return cls(
            _text(resource.get("apiVersion")),
            _text(resource.get("kind")),
            _text(metadata.get("namespace")),
            _text(metadata.get("name")),
        )

    def is_of(self, resource: Object) -> bool:
        """Whether `resource` is this object. Without an apiVersion, the kind alone tells the type."""
        other = _Target.of(resource)
        return other == self or (not self.api_version and other[1:] == self[1:])

    def __str__(self) -> str:
        kind = self.kind or "an object without a kind"
        return f"{kind} {self.namespace}/{self.name}" if self.namespace else f"{kind} {self.name}"


def generate(run: RuleRun) -> Answer:
    """Carries out a generate rule: the objects that it makes are in the response.

    A rule that makes nothing passes, as upstream has it, and says why it made nothing.
    """
    excepted = run.excepted()
    if excepted is not None:
        return [excepted]
    path = run.rule.path / "generate"
    work = _Generation(run)
    try:
        work.rule(_mapping(run.rule.data.get("generate")), path)
    except EvaluationError as error:
        return [run.error("failed to generate", error, work.steps)]
    made = tuple(work.made)
    message = f"generated {', '.join(str(_Target.of(each)) for each in made)}"
    if not made:
        message = "; ".join([_NOTHING, *dict.fromkeys(work.reasons)])
    return [run.response("pass", message, policy_path=path, steps=work.steps)._replace(generated=made)]


class _Generation:
    """One rule carried out for one trigger: what was made so far, and why other things were not."""

    def __init__(self, run: RuleRun) -> None:
        self.made: list[Object] = []
        self.reasons: list[str] = []
        self.steps: list[Step] = []
        self._run = run
        self._declared = run.backends.clone_sources.get((run.policy.name, run.rule.name), ())

    def rule(self, body: Mapping[str, Any], path: YamlPath) -> None:
        if body.get("foreach") is None:
            self._pattern(body, path)
            return
        for at, entry in _mappings(body["foreach"], path / "foreach"):
            self._foreach(entry, at)

    def _foreach(self, entry: Mapping[str, Any], path: YamlPath) -> None:
        context = self._run.context
        expression = entry.get("list")
        if not isinstance(expression, str) or not expression:
            raise InvalidPolicy("a foreach has no list", path)
        elements = context.query(expression)
        context.checkpoint()
        try:
            for index, element in enumerate(elements if isinstance(elements, list) else [elements]):
                if element is not None:
                    context.reset()
                    context.add_element(element, index)
                    self._element(entry, path, index)
        finally:
            context.restore()
        if not elements:
            self._left(f"the list {expression} is empty", path / "list")

    def _element(self, entry: Mapping[str, Any], path: YamlPath, index: int) -> None:
        run = self._run
        load_entries(
            [item for _, item in _mappings(entry.get("context"), path / "context")],
            run.context,
            run.backends,
            policy=run.policy.name,
            rule=run.rule.name,
            element_index=index,
            path=path / "context",
        )
        at = path / "preconditions"
        result = evaluate_conditions(entry.get("preconditions"), run.context, path=at)
        self.steps.extend(result.steps)
        if result.passed:
            self._pattern(entry, path)
        else:
            self._left(f"the preconditions of element {index} are not met", at)

    def _pattern(self, body: Mapping[str, Any], path: YamlPath) -> None:
        """Makes what a pattern says (`generator.generate`)."""
        written = {key: body[key] for key in _PATTERN_KEYS if key in body}
        pattern = substitute(written, self._run.context, path=path)
        target = _Target(*(_named(pattern, key, path) for key in ("apiVersion", "kind", "namespace", "name")))
        clone, listed = _mapping(pattern.get("clone")), _mapping(pattern.get("cloneList"))
        if clone.get("name"):
            source = target._replace(namespace=_named(clone, "namespace", path), name=_named(clone, "name", path))
            self._clone(source, target, path / "clone")
        elif listed.get("kinds"):
            for source in self._listed(listed, path / "cloneList"):
                self._clone(source, source._replace(namespace=target.namespace), path / "cloneList")
        elif pattern.get("data") is None:
            self._left(f"the rule has no data for {target}", path)
        elif not isinstance(pattern["data"], Mapping):
            raise EvaluationError("data of a generate rule is a mapping", path / "data")
        elif self._exists(target):
            self._left(f"{target} is there already", path)
        else:
            self._make(pattern["data"], target, path / "data")

    def _listed(self, listed: Mapping[str, Any], path: YamlPath) -> list[_Target]:
        """The objects that a cloneList selects among the clone sources."""
        shape = Shape()
        selector = None
        if listed.get("selector") is not None:
            selector = LabelSelector.of(shape, listed["selector"], path / "selector")
        kinds = [_kind_of(kind) for _, kind in shape.strings(listed.get("kinds"), path / "kinds")]
        if shape.problems:
            raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)
        namespace = _named(listed, "namespace", path)
        found: list[_Target] = []
        for api_version, kind in kinds:
            sources = [each for each in self._known() if _is_in(each, api_version, kind, namespace)]
            selected = [_Target.of(each) for each in sources if selector is None or not selector.miss(_labels_of(each))]
            if not selected:
                hint = "its labels do not fit" if sources else "name their file as cloneSourceResource"
                self._left(f"no {kind} in namespace {namespace} is selected: {hint}", path)
            found += dict.fromkeys(selected)
        return found

    def _clone(self, source: _Target, target: _Target, path: YamlPath) -> None:
        if source[2:] == target[2:] or (path[-1] == "cloneList" and source.namespace == target.namespace):
            self._left(f"{target} is not cloned onto itself", path)
            return
        found = next((each for each in self._known() if source.is_of(each)), None)
        if found is None:
            self._left(f"the source {source} is not declared: name its file as cloneSourceResource", path)
        elif self._exists(target):
            self._left(f"{target} is there already", path)
        else:
            metadata = {k: v for k, v in _mapping(found.get("metadata")).items() if k not in _NOT_CLONED}
            if source.namespace != target.namespace:
                metadata.pop("ownerReferences", None)
            metadata["labels"] = {**_mapping(metadata.get("labels")), f"{_LABEL}clone-source": ""}
            self._make({**found, "metadata": metadata}, target, path)

    def _make(self, content: Mapping[str, Any], target: _Target, path: YamlPath) -> None:
        metadata = {**_mapping(content.get("metadata")), "name": target.name, "namespace": target.namespace}
        if not target.namespace:
            del metadata["namespace"]
        metadata["labels"] = {_MANAGED_BY: "kyverno", **_labels_of(content), **self._labels()}
        api_version = target.api_version or _text(content.get("apiVersion"))
        kind = _text(content.get("kind")) or target.kind
        self.made.append({**content, "apiVersion": api_version, "kind": kind, "metadata": metadata})
        self.steps.append(Step(f"generate {target}", path[-1] if isinstance(path[-1], str) else "", path, holds=True))

    def _labels(self) -> dict[str, str]:
        """The labels that tell where a generated object comes from (pkg/background/common/labels.go)."""
        run = self._run
        trigger = run.request.subject
        gvk = GroupVersionKind.of(trigger)
        metadata = _mapping(trigger.get("metadata"))
        told = {
            "policy-name": run.policy.name,
            "policy-namespace": run.policy.namespace,
            "rule-name": run.rule.name,
            "trigger-version": gvk.version,
            "trigger-group": gvk.group,
            "trigger-kind": gvk.kind,
            "trigger-namespace": _text(metadata.get("namespace")),
            "trigger-uid": _text(metadata.get("uid")),
        }
        return {_LABEL + key: value for key, value in told.items()}

    def _known(self) -> Iterator[Object]:
        """What can be cloned. Upstream only knows the first two."""
        yield self._run.request.subject
        yield from self._declared
        yield from self._run.backends.objects

    def _exists(self, target: _Target) -> bool:
        return any(target.is_of(each) for each in (self._run.request.subject, *self._declared, *self.made))

    def _left(self, reason: str, path: YamlPath) -> None:
        self.reasons.append(reason)
        self.steps.append(Step("generate", reason, path, holds=False))


def _kind_of(text: str) -> tuple[str, str]:
    """The apiVersion and kind that `v1/Secret` or `apps/v1/Deployment` names; only the kind is needed."""
    api_version, _, kind = text.rpartition("/")
    return api_version, kind


def _is_in(resource: Object, api_version: str, kind: str, namespace: str) -> bool:
    target = _Target.of(resource)
    return (target.kind, target.namespace) == (kind, namespace) and api_version in ("", target.api_version)


def _labels_of(resource: Object) -> Mapping[str, Any]:
    return _mapping(_mapping(resource.get("metadata")).get("labels"))


def _named(pattern: Mapping[str, Any], key: str, path: YamlPath) -> str:
    value = pattern.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EvaluationError(f"{key} becomes something that is not text", path / key)
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any, path: YamlPath) -> list[tuple[YamlPath, Mapping[str, Any]]]:
    shape = Shape()
    items = shape.mappings(value, path)
    if shape.problems:
        raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)
    return items

"""The existing objects that a rule mutates: kyverno pkg/engine/handlers/mutation/load_targets.go."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policylint.engine.errors import EvaluationError, Unsupported
from policylint.engine.filters import metadata_of
from policylint.engine.handling import RuleRun
from policylint.engine.kinds import parse_kind_selector
from policylint.engine.request import GroupVersionKind, Object
from policylint.engine.selectors import LabelSelector
from policylint.engine.variables import substitute
from policylint.engine.wildcard import has_wildcard, match
from policylint.model import YamlPath
from policylint.views.shape import Shape

_SELECTING = ("apiVersion", "kind", "namespace", "name", "uid", "selector")


def find_targets(run: RuleRun, target: Mapping[str, Any], path: YamlPath) -> list[Object]:
    """The objects that `target`, an entry of `targets` at `path`, means, among those of the stand-in cluster.

    Raises EvaluationError when its variables cannot be replaced, when there is no object of its kind, and when it
    names one object that is not there.
    """
    spec = substitute({key: target[key] for key in _SELECTING if key in target}, run.context, path=path)
    texts = {key: _text(spec, key, path) for key in ("apiVersion", "kind", "namespace", "name")}
    kind = parse_kind_selector(f"{texts['apiVersion']}/{texts['kind']}")
    if kind.subresource:
        raise Unsupported(f"mutate.targets of the subresource {kind.subresource}", path / "kind")
    namespace = run.policy.namespace or texts["namespace"]
    of_kind = [
        each for each in run.backends.objects if kind.selects(GroupVersionKind.of(each), "", ephemeral_containers=False)
    ]
    if not of_kind:
        raise EvaluationError(f"there is no {texts['apiVersion']} {texts['kind']} that the rule could mutate", path)
    found = list(_selected(of_kind, namespace, texts["name"], _selector(spec, path)))
    is_one = all(text and not has_wildcard(text) for text in (namespace, texts["name"]))
    if is_one and not found:
        raise EvaluationError(
            f"there is no {texts['kind']} {namespace}/{texts['name']} that the rule could mutate", path
        )
    return found


def _selected(objects: Sequence[Object], namespace: str, name: str, selector: LabelSelector | None) -> Iterator[Object]:
    for each in objects:
        metadata = metadata_of(each)
        if namespace and not match(namespace, str(metadata.get("namespace") or "")):
            continue
        if name and not match(name, str(metadata.get("name") or "")):
            continue
        labels = metadata.get("labels")
        if selector is None or selector.miss(labels if isinstance(labels, dict) else {}) is None:
            yield each


def _selector(spec: Mapping[str, Any], path: YamlPath) -> LabelSelector | None:
    if spec.get("selector") is None:
        return None
    shape = Shape()
    selector = LabelSelector.of(shape, spec["selector"], path / "selector")
    if shape.problems:
        raise EvaluationError(shape.problems[0].message, shape.problems[0].path)
    return selector


def _text(spec: Mapping[str, Any], key: str, path: YamlPath) -> str:
    value = spec.get(key)
    if value is not None and not isinstance(value, str):
        raise EvaluationError(f"{key} becomes something that is not text", path / key)
    return value or ""

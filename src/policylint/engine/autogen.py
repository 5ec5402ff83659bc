"""The rules that a policy on pods gets for pod controllers: kyverno pkg/autogen/v1/autogen.go and rule.go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.engine.kinds import contains_kind
from policylint.regex import regex

ANNOTATION = "pod-policies.kyverno.io/autogen-controllers"
POD_CONTROLLERS = frozenset(
    ("DaemonSet", "Deployment", "Job", "StatefulSet", "ReplicaSet", "ReplicationController", "CronJob")
)
_TEMPLATE_CONTROLLERS = POD_CONTROLLERS - {"CronJob"}
_API_VERSIONS = {
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "Job": "batch/v1",
    "StatefulSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "ReplicationController": "v1",
    "CronJob": "batch/v1",
    "Pod": "v1",
}
_POD_TEMPLATE = "spec.template"
_JOB_TEMPLATE = "spec.jobTemplate.spec.template"
_LONGEST_NAME = 63
_REFERENCE = regex(r"^\$\(.[^ ]*\)|[^\\]\$\(.[^ ]*\)")

Rule = Mapping[str, Any]
_Filters = Callable[[Sequence[Mapping[str, Any]], list[str]], list[Mapping[str, Any]]]


class ComputedRule(NamedTuple):
    """A rule as it is evaluated: the policy's own, or one made of it.

    `source` is the index of the rule in the policy; `wrap` the keys that were put around its patterns and patches.
    """

    data: Rule
    source: int
    wrap: tuple[str, ...] = ()


def compute_rules(rules: Sequence[Rule], annotations: Mapping[str, str], kind: str = "") -> list[ComputedRule]:
    """The rules to evaluate for resources of `kind`, in upstream's order; for no kind, those of every controller.

    `rules` are well-formed rules of one policy and stay as they are (`computeRules`).
    """
    own = [ComputedRule(rule, index) for index, rule in enumerate(rules)]
    controllers: Iterable[str] = ()
    if can_autogen(rules):
        controllers = annotations[ANNOTATION].split(",") if ANNOTATION in annotations else POD_CONTROLLERS
    if kind and kind not in controllers:
        return own
    wanted = [kind] if kind else sorted(controllers)
    if not wanted or wanted == ["none"]:
        return own
    generated = [made for computed in own for made in _generated(computed, wanted)]
    if not generated:
        return own
    return [computed for computed in own if not _name(computed.data).startswith("autogen-")] + generated


def can_autogen(rules: Sequence[Rule]) -> bool:
    """Whether rules for controllers can be made of these rules on pods (`CanAutoGen`)."""
    needed = False
    for rule in rules:
        mutation = _mapping(rule.get("mutate"))
        foreach = _mappings(mutation.get("foreach"))
        if rule.get("generate") or any(part.get("patchesJson6902") for part in (mutation, *foreach)):
            return False
        for resources in _resource_blocks(rule):
            if not _supports_autogen(resources):
                return False
            needed = needed or any(kind in POD_CONTROLLERS or kind == "Pod" for kind in _kinds(resources))
    return needed


def _resource_blocks(rule: Rule) -> Iterable[Mapping[str, Any]]:
    for key in ("match", "exclude"):
        block = _mapping(rule.get(key))
        for part in (block, *_mappings(block.get("any")), *_mappings(block.get("all"))):
            yield _mapping(part.get("resources"))


def _supports_autogen(resources: Mapping[str, Any]) -> bool:
    if resources.get("name") or resources.get("names"):
        return False
    if resources.get("selector") is not None or resources.get("annotations") is not None:
        return False
    kinds = _kinds(resources)
    return not (len(kinds) > 1 and contains_kind(kinds, "Pod"))


def _generated(computed: ComputedRule, controllers: list[str]) -> Iterable[ComputedRule]:
    templates = [kind for kind in controllers if kind != "CronJob"]
    if templates:
        made = _for_controllers(computed.data, templates)
        if made is not None:
            yield ComputedRule(_moved(made, _POD_TEMPLATE), computed.source, ("spec", "template"))
    # as upstream, any of these words inside a name counts
    if any("CronJob" in kind or "all" in kind for kind in controllers):
        made = _for_controllers(computed.data, controllers)
        cron = None if made is None else _cron_job_rule(made, _name(computed.data))
        if cron is not None:
            yield ComputedRule(
                _moved(cron, _JOB_TEMPLATE), computed.source, ("spec", "jobTemplate", "spec", "template")
            )


def _for_controllers(rule: Rule, controllers: list[str]) -> Rule | None:
    """`rule` for what holds a pod template (`generateRuleForControllers`)."""
    excluded = _block_kinds(rule.get("exclude"))
    if _name(rule).startswith("autogen-") or not contains_kind(_block_kinds(rule.get("match")), "Pod"):
        return None
    if excluded and not contains_kind(excluded, "Pod"):
        return None
    if controllers == ["all"]:
        controllers = sorted(_TEMPLATE_CONTROLLERS)
    elif controllers != ["none"]:
        controllers = [kind for kind in controllers if kind in _TEMPLATE_CONTROLLERS] or controllers
    return _made(_cut(f"autogen-{_name(rule)}"), rule, "template", _POD_TEMPLATE, sorted(controllers), _pods_replaced)


def _cron_job_rule(made: Rule, name: str) -> Rule | None:
    """The rule for cron jobs, out of the one for controllers (`generateCronJobRule`)."""
    return _made(_cut(f"autogen-cronjob-{name}"), made, "jobTemplate", _JOB_TEMPLATE, ["CronJob"], _all_replaced)


def _made(name: str, rule: Rule, template: str, moved_to: str, kinds: list[str], replaced: _Filters) -> Rule | None:
    """`generateRule`: names and kinds changed, and the one kind of body that is kept wrapped once more."""
    made = {**rule, "name": name, "match": _for_kinds(_mapping(rule.get("match")), kinds, replaced, always=True)}
    if rule.get("exclude") is not None:
        made["exclude"] = _for_kinds(_mapping(rule.get("exclude")), kinds, replaced, always=False)
    mutation = _mapping(rule.get("mutate"))
    if mutation.get("patchStrategicMerge") is not None:
        return {**made, "mutate": {"patchStrategicMerge": _wrapped(mutation["patchStrategicMerge"], template)}}
    if mutation.get("foreach"):
        return {**made, "mutate": {"foreach": [_wrapped_foreach(part, template) for part in mutation["foreach"]]}}
    validation = _mapping(rule.get("validate"))
    body = _wrapped_validation(validation, template, moved_to.replace(".", "/"))
    if body is not None:
        return {**made, "validate": body}
    return made if rule.get("verifyImages") is not None else None


def _wrapped_validation(validation: Mapping[str, Any], template: str, shift: str) -> Mapping[str, Any] | None:
    if validation.get("pattern") is not None:
        return _kept(validation, "pattern", _wrapped(validation["pattern"], template), shift)
    if validation.get("deny") is not None:
        return _kept(validation, "deny", validation["deny"], shift)
    if validation.get("podSecurity") is not None:
        return _kept(validation, "podSecurity", validation["podSecurity"], shift)
    if isinstance(validation.get("anyPattern"), list):
        patterns = [_wrapped(pattern, template) for pattern in validation["anyPattern"]]
        return _kept(validation, "anyPattern", patterns, shift)
    if validation.get("foreach"):
        return _kept(validation, "foreach", validation["foreach"], shift)
    return validation if validation.get("cel") is not None else None


def _kept(validation: Mapping[str, Any], key: str, body: Any, shift: str) -> Mapping[str, Any]:
    kept = {name: validation[name] for name in ("failureAction", "failureActionOverrides") if name in validation}
    if "allowExistingViolations" in validation:
        kept["allowExistingViolations"] = validation["allowExistingViolations"]
    message = validation.get("message")
    if isinstance(message, str):
        kept["message"] = _shifted(message, shift, "pattern" if key == "foreach" else key)
    return {**kept, key: body}


def _wrapped(body: Any, template: str) -> Mapping[str, Any]:
    return {"spec": {template: body}}


def _wrapped_foreach(part: Any, template: str) -> Mapping[str, Any]:
    foreach = _mapping(part)
    kept = {key: foreach[key] for key in ("list", "context", "preconditions") if key in foreach}
    return {**kept, "patchStrategicMerge": _wrapped(foreach.get("patchStrategicMerge"), template)}


def _for_kinds(block: Mapping[str, Any], kinds: list[str], replaced: _Filters, *, always: bool) -> Mapping[str, Any]:
    """`block` for other kinds; the older form without `any` and `all` names them `always`, or if it named some."""
    for key in ("any", "all"):
        if block.get(key):
            return {**block, key: replaced(_mappings(block[key]), kinds)}
    resources = _mapping(block.get("resources"))
    if not always and not _kinds(resources):
        return block
    return {**block, "resources": {**resources, "kinds": _with_versions(kinds)}}


def _pods_replaced(filters: Sequence[Mapping[str, Any]], kinds: list[str]) -> list[Mapping[str, Any]]:
    return [
        _with_kinds(part, kinds) if contains_kind(_kinds(_mapping(part.get("resources"))), "Pod") else part
        for part in filters
    ]


def _all_replaced(filters: Sequence[Mapping[str, Any]], kinds: list[str]) -> list[Mapping[str, Any]]:
    return [_with_kinds(part, kinds) for part in filters]


def _with_kinds(part: Mapping[str, Any], kinds: list[str]) -> Mapping[str, Any]:
    return {**part, "resources": {**_mapping(part.get("resources")), "kinds": _with_versions(kinds)}}


def _with_versions(kinds: list[str]) -> list[str]:
    return [f"{_API_VERSIONS[kind]}/{kind}" if kind in _API_VERSIONS else kind for kind in kinds]


def _moved(rule: Rule, template: str) -> Rule:
    """`rule` with what names parts of the pod naming them below `template`, as text anywhere (`updateFields`).

    Like upstream's, it drops what only the policy's own rule has.
    """
    kept = {key: value for key, value in rule.items() if key not in ("imageExtractors", "reportProperties", "generate")}
    roots = ("object", "oldObject") if _mapping(rule.get("validate")).get("cel") is not None else None
    roots = roots or ("request.object", "request.oldObject")
    pairs = [(f"{root}.{part}", f"{root}.{template}.{part}") for part in ("spec", "metadata") for root in roots]
    moved: Rule = _rewritten(kept, pairs)
    return moved


def _rewritten(value: Any, pairs: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        if "bject." in value:
            for old, new in pairs:
                value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {_rewritten(key, pairs): _rewritten(item, pairs) for key, item in value.items()}
    if isinstance(value, list):
        return [_rewritten(item, pairs) for item in value]
    return value


def _shifted(message: str, shift: str, pivot: str) -> str:
    """`message` with its `$( )` references into the pattern following the pattern (`FindAndShiftReferences`)."""
    for match in _REFERENCE.findall(message):
        before, reference = ("", match) if match.startswith("$(") else (match[0], match[1:])
        start = reference.find(pivot)
        if start < 0:
            continue
        if pivot == "anyPattern":
            pivot = f"{pivot}/{reference[start + len(pivot) + 1 :].partition('/')[0]}"
        message = message.replace(match, before + reference.replace(pivot, f"{pivot}/{shift}"), 1)
    return message


def _cut(name: str) -> str:
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore")


def _name(rule: Rule) -> str:
    return str(rule.get("name") or "")


def _block_kinds(block: Any) -> list[str]:
    """All kinds that a match or exclude block names (`MatchResources.GetKinds`)."""
    mapping = _mapping(block)
    parts = (mapping, *_mappings(mapping.get("any")), *_mappings(mapping.get("all")))
    return [kind for part in parts for kind in _kinds(_mapping(part.get("resources")))]


def _kinds(resources: Mapping[str, Any]) -> list[str]:
    kinds = resources.get("kinds")
    return [kind for kind in kinds if isinstance(kind, str)] if isinstance(kinds, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []

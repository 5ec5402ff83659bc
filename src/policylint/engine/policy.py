"""A Kyverno policy, read once and evaluated many times: `ClusterPolicy` and `Policy` of kyverno.io."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from policylint.engine.autogen import ComputedRule, compute_rules
from policylint.engine.checks import Check, compile_check
from policylint.engine.errors import InvalidPolicy
from policylint.engine.match import MatchBlock
from policylint.engine.mutate.body import Mutation, check_mutation, compile_mutation
from policylint.engine.response import RuleType
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_RULES = _SPEC / "rules"
_BODIES: dict[str, RuleType] = {
    "mutate": "mutate",
    "verifyImages": "verifyImages",
    "validate": "validate",
    "generate": "generate",
}
_CHECKS = ("pattern", "anyPattern", "deny", "foreach", "podSecurity", "cel", "manifests", "assert")
_LONGEST_NAME = 63


class Rule:
    """One rule as it is evaluated.

    `name` is upstream's name for it, `data` its fields after autogen, `source` its index in the policy's own document
    and `path` its place there. Do not change `data`: rules share parts of it.
    """

    def __init__(self, computed: ComputedRule, shape: Shape) -> None:
        self.data = computed.data
        self.source = computed.source
        self.path = _RULES / computed.source
        self.name = str(computed.data.get("name") or "")
        self.match = MatchBlock.of(shape, computed.data.get("match"), self.path / "match")
        self.exclude = MatchBlock.of(shape, computed.data.get("exclude"), self.path / "exclude")
        self.validation: Mapping[str, Any] = shape.mapping(computed.data.get("validate"), self.path / "validate")
        self.mutation: Mapping[str, Any] = shape.mapping(computed.data.get("mutate"), self.path / "mutate")
        self._wrap = computed.wrap
        self._verify_images = shape.mappings(computed.data.get("verifyImages"), self.path / "verifyImages")

    @cached_property
    def type(self) -> RuleType:
        """What the rule does."""
        return next((kind for key, kind in _BODIES.items() if self.data.get(key)), "validate")

    @property
    def mutates_existing(self) -> bool:
        """Whether it mutates other objects than the one asked about."""
        return bool(self.mutation.get("targets"))

    @property
    def checks_images(self) -> bool:
        """Whether its image verification also validates (`Rule.HasVerifyImageChecks`; both fields default to true)."""
        return any(
            entry.get("verifyDigest") is not False or entry.get("required") is not False
            for _, entry in self._verify_images
        )

    @cached_property
    def check(self) -> Check:
        """The checks of its `validate`, made ready. Raises EvaluationError for a reference that names nothing."""
        return compile_check(self.validation, self.path / "validate")

    @cached_property
    def patches(self) -> Mutation:
        """The patches of its `mutate`, made ready. Raises EvaluationError for a reference that names nothing."""
        return compile_mutation(self.data, self.path)

    @property
    def allows_existing_violations(self) -> bool:
        """Whether an update of an object that violated the rule before is let through."""
        return self.validation.get("allowExistingViolations") is not False

    def original(self, path: YamlPath | None) -> YamlPath | None:
        """The place in the policy's own document of what stands at `path` in this rule.

        The two differ where autogen put keys around patterns and patches, and in the kinds that it replaced.
        """
        if path is None or not self._wrap or path[: len(self.path)] != self.path:
            return path
        below = path[len(self.path) :]
        start = _body_depth(below)
        if start is not None:
            taken = 0
            while below[start + taken : start + taken + 1] == self._wrap[taken : taken + 1] != ():
                taken += 1
            below = below[:start] + below[start + taken :]
        elif below[:1] in (("match",), ("exclude",)) and "kinds" in below:
            below = below[: below.index("kinds") + 1]
        return self.path / below

    def __repr__(self) -> str:
        return f"<Rule {self.name} {self.path}>"


def _body_depth(below: tuple[str | int, ...]) -> int | None:
    """How many steps of a path in a rule lead to what autogen wraps, or None when it leads elsewhere."""
    if below[:2] in (("validate", "pattern"), ("mutate", "patchStrategicMerge")):
        return 2
    if below[:2] == ("validate", "anyPattern"):
        return 3
    if below[:2] == ("mutate", "foreach") and below[3:4] == ("patchStrategicMerge",):
        return 4
    return None


class Policy:
    """One policy. `namespace` is empty for cluster policies; `key` is how exceptions name it: `namespace/name`."""

    def __init__(self, data: Mapping[str, Any], own: tuple[Rule, ...]) -> None:
        metadata = data["metadata"]
        self.data = data
        self.kind: str = data["kind"]
        self.name: str = metadata["name"]
        self.namespace: str = str(metadata.get("namespace") or "default") if self.kind == "Policy" else ""
        self.key = f"{self.namespace}/{self.name}" if self.namespace else self.name
        self.annotations = {key: value or "" for key, value in (metadata.get("annotations") or {}).items()}
        self.spec: Mapping[str, Any] = data["spec"]
        self.rules = own
        self._computed: dict[str, tuple[Rule, ...]] = {}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Policy":
        """The policy in a document of kind ClusterPolicy or Policy, whose rules are read now.

        `data` has to stay as it is. Raises InvalidPolicy, with the place of the first mistake, for what is no such
        document, for fields of a wrong type, and for rules that upstream's own validation refuses as rules: without a
        name or with another's, with none or several of mutate, validate, generate and verifyImages, and so on.
        """
        shape = Shape()
        _check_document(data, shape)
        rules = shape.mappings(data["spec"].get("rules"), _RULES)
        own = tuple(Rule(ComputedRule(rule, index), shape) for index, (_, rule) in enumerate(rules))
        _raise_first(shape)
        names: set[str] = set()
        for rule in own:
            _check_rule(rule)
            if rule.name in names:
                raise InvalidPolicy(f"another rule has the name {rule.name} too", rule.path / "name")
            names.add(rule.name)
        return cls(data, own)

    @property
    def enforces(self) -> bool:
        """Whether rules that say nothing else deny what fails them."""
        return self.spec.get("validationFailureAction") in ("Enforce", "enforce")

    @property
    def match_conditions(self) -> Any:
        """The CEL conditions on requests that the policy puts before all of its rules, if any."""
        webhook = self.spec.get("webhookConfiguration")
        return webhook.get("matchConditions") if isinstance(webhook, Mapping) else None

    @property
    def applies_one_rule(self) -> bool:
        """Whether rules after the first one that passes or fails are left out."""
        return self.spec.get("applyRules") == "One"

    @cached_property
    def all_rules(self) -> tuple[Rule, ...]:
        """Its rules with those for every pod controller."""
        return self.rules_for("")

    def rules_for(self, kind: str) -> tuple[Rule, ...]:
        """The rules to evaluate for objects of `kind`, in order: its own, and what autogen makes for that kind."""
        known = self._computed.get(kind)
        if known is None:
            computed = compute_rules([rule.data for rule in self.rules], self.annotations, kind)
            known = self.rules
            if any(rule.wrap for rule in computed):
                shape = Shape()
                known = tuple(Rule(rule, shape) if rule.wrap else self.rules[rule.source] for rule in computed)
            self._computed[kind] = known
        return known

    def enforces_rule(self, rule: Rule) -> bool:
        """Whether a failure of `rule` denies the request, overrides for namespaces aside."""
        action = rule.validation.get("failureAction")
        return action in ("Enforce", "enforce") if action is not None else self.enforces

    def __repr__(self) -> str:
        return f"<Policy {self.key}>"


def _check_document(data: Mapping[str, Any], shape: Shape) -> None:
    api_version = data.get("apiVersion")
    if data.get("kind") not in ("ClusterPolicy", "Policy") or not str(api_version).startswith("kyverno.io/"):
        raise InvalidPolicy(f"{api_version} {data.get('kind')} is not a kyverno.io ClusterPolicy or Policy", ROOT)
    metadata = shape.mapping(data.get("metadata"), ROOT / "metadata")
    shape.mapping(metadata.get("annotations"), ROOT / "metadata" / "annotations")
    for key, value in (metadata.get("annotations") or {}).items() if not shape.problems else ():
        if value is not None and not isinstance(value, str):
            shape.wrong(ROOT / "metadata" / "annotations" / key, "a string", value)
    shape.mapping(data.get("spec"), _SPEC)
    _raise_first(shape)
    name = metadata.get("name")
    if not isinstance(name, str) or not name:
        raise InvalidPolicy("the policy has no name", ROOT / "metadata")
    if not shape.sequence(shape.mapping(data.get("spec"), _SPEC).get("rules"), _RULES):
        raise InvalidPolicy("the policy has no rules", _SPEC)


def _check_rule(rule: Rule) -> None:
    if not rule.name:
        raise InvalidPolicy("the rule has no name", rule.path)
    if len(rule.name) > _LONGEST_NAME:
        raise InvalidPolicy(f"the rule's name has more than {_LONGEST_NAME} characters", rule.path / "name")
    if rule.data.get("match") is None:
        raise InvalidPolicy("the rule has no match", rule.path)
    for block in (rule.match, rule.exclude):
        if block.any and block.all:
            raise InvalidPolicy("any and all do not stand beside each other", block.path)
    bodies = [key for key in _BODIES if rule.data.get(key)]
    if len(bodies) != 1:
        found = " and ".join(bodies) if bodies else "none"
        raise InvalidPolicy(
            f"a rule has one of mutate, validate, generate and verifyImages, this has {found}", rule.path
        )
    conditions = rule.data.get("preconditions")
    if conditions is not None and not isinstance(conditions, list | dict):
        raise InvalidPolicy("preconditions are a mapping with any and all, or a list", rule.path / "preconditions")
    shape = Shape()
    shape.mappings(rule.data.get("context"), rule.path / "context")
    if rule.validation:
        check_validation(rule.validation, rule.path / "validate", shape)
    if rule.mutation:
        check_mutation(rule.mutation, rule.path / "mutate", shape)
    _raise_first(shape)


def check_validation(body: Mapping[str, Any], path: YamlPath, shape: Shape) -> None:
    """Raises InvalidPolicy when a `validate`, or an entry of its `foreach`, has not one kind of check."""
    checks = [key for key in _CHECKS if body.get(key) is not None]
    if len(checks) != 1:
        found = " and ".join(checks) if checks else "none"
        raise InvalidPolicy(f"a validation has one of {', '.join(_CHECKS[:-1])}, this has {found}", path)
    message = body.get("message")
    if message is not None and not isinstance(message, str):
        shape.wrong(path / "message", "a string", message)
    shape.sequence(body.get("anyPattern"), path / "anyPattern")
    shape.mapping(body.get("deny"), path / "deny")
    shape.mapping(body.get("podSecurity"), path / "podSecurity")
    for at, entry in shape.mappings(body.get("foreach"), path / "foreach"):
        if not isinstance(entry.get("list"), str) or not entry["list"]:
            raise InvalidPolicy("a foreach has no list", at)
        shape.mappings(entry.get("context"), at / "context")
        check_validation(entry, at, shape)


def _raise_first(shape: Shape) -> None:
    if shape.problems:
        raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)

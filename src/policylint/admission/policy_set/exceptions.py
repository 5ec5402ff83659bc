"""Exceptions from policies and rules that are not there.

Source: kyverno/kyverno pkg/engine/utils/exceptions.go and api/kyverno/v2 `PolicyExceptionSpec.Contains` (the policy by
its exact key, rules by wildcard, those that autogen adds included).
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from policylint.document.document import Document
from policylint.engine.wildcard import has_wildcard, match
from policylint.model import ROOT, Problem, YamlPath
from policylint.views import fields
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_FEW, _ENDS = 100, 4
_AUTOGEN = ("autogen-", "autogen-cronjob-")


def problems(documents: Sequence[Document]) -> Iterator[tuple[Document, Problem]]:
    """What PolicyExceptions name in vain. Without any policy among the documents nothing can be said."""
    rules = {_key(each): _rule_names(each) for each in documents if each.group == "kyverno.io" and _is_policy(each)}
    others = {(each.kind, _key(each)) for each in documents if each.group == "policies.kyverno.io" and _is_policy(each)}
    for document in documents:
        if document.kind != "PolicyException":
            continue
        shape = Shape()
        spec = shape.mapping(document.mapping.get("spec"), _SPEC)
        if document.group == "kyverno.io" and rules:
            for path, entry in shape.mappings(spec.get("exceptions"), _SPEC / "exceptions"):
                for problem in _legacy(shape, path, entry, rules):
                    yield document, problem
        elif document.group == "policies.kyverno.io" and others:
            for path, entry in shape.mappings(spec.get("policyRefs"), _SPEC / "policyRefs"):
                name, kind = (fields.text(shape, entry, path, key) for key in ("name", "kind"))
                if name and kind and not has_wildcard(name) and (kind, name) not in others:
                    yield document, _unknown(path / "name", f"{kind} {name}", name, [key for _, key in others])


def _legacy(
    shape: Shape, path: YamlPath, entry: Mapping[str, Any], rules: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    policy = fields.text(shape, entry, path, "policyName")
    if policy and policy not in rules:
        yield _unknown(path / "policyName", f"policy {policy}", policy, list(rules))
        return
    for where, wanted in shape.strings(entry.get("ruleNames"), path / "ruleNames"):
        if policy and not any(match(wanted, rule) for rule in rules[policy]):
            plain = [rule for rule in rules[policy] if not rule.startswith(_AUTOGEN)]
            yield _unknown(where, f"rule {wanted} in policy {policy}", wanted, plain)


def _unknown(path: YamlPath, what: str, name: str, known: Sequence[str]) -> Problem:
    near = get_close_matches(name, nearby(name, known), 1)
    help_ = f"did you mean {near[0]}?" if near else "correct the name, or remove the exception"
    return Problem(path, f"there is no {what} in this project: the exception excepts nothing", help_)


def nearby(name: str, known: Sequence[str]) -> Sequence[str]:
    """Those of `known` that may be meant: all, or when there are many, those that begin or end as `name` does.

    Comparing two names takes long, and a project may have thousands of each.
    """
    if len(known) <= _FEW:
        return known
    begin, end = name[:_ENDS], name[-_ENDS:]
    alike = [each for each in known if each.startswith(begin) or each.endswith(end)]
    return sorted(alike, key=lambda each: abs(len(each) - len(name)))[:_FEW]


def _is_policy(document: Document) -> bool:
    return document.kind.endswith("Policy")


def _key(document: Document) -> str:
    """How exceptions name a policy: with its namespace when it has one."""
    resource = document.resource
    if resource is None:
        return ""
    return f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name


def _rule_names(document: Document) -> list[str]:
    shape = Shape()
    rules = shape.mappings(shape.mapping(document.mapping.get("spec"), _SPEC).get("rules"), _SPEC / "rules")
    names = [fields.text(shape, rule, path, "name") for path, rule in rules]
    return [*names, *(prefix + name for prefix in _AUTOGEN for name in names)]

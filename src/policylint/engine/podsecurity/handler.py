"""Rules with `validate.podSecurity`: kyverno pkg/engine/handlers/validation/validate_pss.go."""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.engine.errors import EvaluationError
from policylint.engine.existing import violated_before
from policylint.engine.handling import Answer, NotApplied, RuleRun
from policylint.engine.podsecurity.evaluation import PodSecurityResult, evaluate_pod_security
from policylint.engine.podsecurity.pod import pod_path
from policylint.engine.response import RuleResponse, Step
from policylint.model import YamlPath

_ALLOWED_BEFORE = "skipping the rule evaluation as pre-existing violations are allowed"


def validate_pod_security(run: RuleRun) -> Answer:
    """Carries out a rule with podSecurity. Exceptions that name controls only except those."""
    path = run.rule.path / "validate" / "podSecurity"
    if run.request.operation == "DELETE":
        return NotApplied("podSecurity is not held against objects that are deleted", path)
    whole = next((exception for exception in run.exceptions if not exception.pod_security), None)
    if whole is not None:
        message = f"rule is skipped due to policy exception {whole.key}"
        return [run.response("skip", message)._replace(exceptions=(whole.key,))]
    try:
        answer = _answer(run, path)
    except EvaluationError as error:
        return [run.error("failed to evaluate podSecurity", error)]
    if answer.status == "fail" and violated_before(run, _fails):
        answer = answer._replace(status="skip", message=_ALLOWED_BEFORE)
    return [answer]


def _answer(run: RuleRun, path: YamlPath) -> RuleResponse:
    body: Mapping[str, Any] = run.rule.validation["podSecurity"]
    resource = run.request.subject
    above = pod_path(run.request.gvk.kind)
    pod: Any = resource
    for step in above:
        pod = pod.get(step) if isinstance(pod, Mapping) else None
    fields: Mapping[str, Any] = pod if isinstance(pod, Mapping) else {}
    result = evaluate_pod_security(body, fields.get("metadata"), fields.get("spec"), path=path)
    steps = [*_steps(result, path, above)]
    if result.allowed:
        return run.response("pass", f"Validation rule '{run.rule.name}' passed.", policy_path=path, steps=steps)
    excepted = tuple(entry for exception in run.exceptions for entry in exception.pod_security)
    if excepted:
        result = evaluate_pod_security(body, fields.get("metadata"), fields.get("spec"), excepted=excepted, path=path)
        if result.allowed:
            keys = tuple(exception.key for exception in run.exceptions)
            message = f"rule is skipped due to policy exceptions {', '.join(keys)}"
            return run.response("skip", message, policy_path=path, steps=steps)._replace(exceptions=keys)
    standard = f"{body.get('level') or ''}:{body.get('version') or ''}"
    message = f"Validation rule '{run.rule.name}' failed. It violates PodSecurity \"{standard}\": "
    place = above / result.checks[0].errors[0].path
    return run.response("fail", message + result.message(above), policy_path=path, resource_path=place, steps=steps)


def _steps(result: PodSecurityResult, path: YamlPath, above: YamlPath) -> Iterator[Step]:
    if not result.violations:
        yield Step("podSecurity", "violates no control", path, above or None, holds=True)
    left = {check.check: set(check.errors) for check in result.checks}
    for violation in result.violations:
        for error in violation.errors:
            is_left = error in left.get(violation.check, ())
            what = f"{violation.check}: {error.described(above)}"
            yield Step(what, "violated" if is_left else "excluded", path, above / error.path, holds=not is_left)


def _fails(run: RuleRun) -> bool:
    return _answer(run, run.rule.path / "validate" / "podSecurity").status == "fail"

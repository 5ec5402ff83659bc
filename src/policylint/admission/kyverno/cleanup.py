"""Cleanup policies: kyverno api/kyverno/v2/cleanup_policy_types.go `CleanupPolicySpec.Validate` and
pkg/validation/cleanuppolicy/validate.go `validateVariables`.

Whether the cleanup controller may delete the kinds depends on the cluster and is not judged.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.cel_schedule import schedule_defect as run_defect
from policylint.admission.kyverno.cron import schedule_defect
from policylint.admission.kyverno.match_blocks import Terms, block_problems, user_info_problems
from policylint.admission.kyverno.match_conflict import cleanup_conflict
from policylint.admission.kyverno.rule_bodies import Version, text_of
from policylint.admission.kyverno.spec import LONGEST_NAME
from policylint.admission.kyverno.variable_lists import Allowed, defect_in
from policylint.admission.kyverno.variable_places import texts
from policylint.admission.stored import Stored
from policylint.engine.variables.syntax import MARK
from policylint.model import ROOT, Problem, RelatedPath
from policylint.views.shape import Shape

KINDS = ("CleanupPolicy", "ClusterCleanupPolicy")
_SPEC = ROOT / "spec"
_REFUSED = "Kyverno refuses this policy"
_FORBIDDEN = ("imageRegistry", "configMap")


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses of a cleanup policy, and, as warnings, schedules that are admitted and never run."""
    if stored.document.group != "kyverno.io" or stored.document.kind not in KINDS:
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    name = text_of(shape.mapping(stored.data.get("metadata"), ROOT / "metadata").get("name"))
    if len(name.encode()) > LONGEST_NAME:
        yield Problem(
            ROOT / "metadata" / "name",
            f"the name has {len(name.encode())} characters, and a policy's may have {LONGEST_NAME}: {_REFUSED}",
            help="Shorten the name.",
        )
    yield from _schedule(spec)
    yield from _context(shape, spec)
    yield from _blocks(shape, spec, stored.document.kind == "CleanupPolicy")
    for text in texts(spec.get("conditions"), _SPEC / "conditions", MARK):
        defect = defect_in(text.value, Allowed.of_cleanup())
        if defect is not None:
            said = (
                f"{{{{ {defect.query} }}}} is not known here" if defect.unknown else f"cannot be read: {defect.reason}"
            )
            yield text.problem(f"the variable {said}: {_REFUSED}", "Correct the variable.")


def _schedule(spec: Mapping[str, Any]) -> Iterator[Problem]:
    path, schedule = _SPEC / "schedule", spec.get("schedule")
    if not isinstance(schedule, str):
        return
    defect = schedule_defect(schedule)
    if defect:
        yield Problem(
            path,
            f'"{schedule}" is no schedule, {defect}: {_REFUSED}',
            help="Write minute, hour, day of month, month and day of week, such as 0 4 * * 1.",
        )
        return
    defect = run_defect(schedule)
    if defect:
        yield Problem(
            path,
            f'the webhook takes the schedule "{schedule}", but the cleanup controller cannot read it, {defect}:'
            " this policy never runs",
            help="Write minute, hour, day of month, month and day of week, such as */30 * * * *.",
            severity="warning",
        )


def _context(shape: Shape, spec: Mapping[str, Any]) -> Iterator[Problem]:
    for path, entry in shape.mappings(spec.get("context"), _SPEC / "context"):
        for key in _FORBIDDEN:
            if entry.get(key) is not None:
                yield Problem(
                    path / key,
                    f"cleanup policies have no {key} in their context: {_REFUSED}",
                    help="Use an apiCall, a globalReference or a variable.",
                    at="key",
                )
                break


def _blocks(shape: Shape, spec: Mapping[str, Any], namespaced: bool) -> Iterator[Problem]:
    terms = Terms(_REFUSED, namespaced)
    for name in ("match", "exclude"):
        block = shape.mapping(spec.get(name), _SPEC / name)
        users = list(user_info_problems(shape, block, _SPEC / name, "and a cleanup has no user"))
        for problem in users:
            yield problem._replace(message=f"{problem.message}: {_REFUSED}", help="Remove it.")
        if not users:
            yield from block_problems(shape, block, _SPEC / name, terms)
    wanted = shape.mapping(spec.get("match"), _SPEC / "match")
    excluded = shape.mapping(spec.get("exclude"), _SPEC / "exclude")
    # a match of nothing is reported as such
    found = cleanup_conflict(wanted, excluded, _SPEC / "exclude") if wanted else None
    if found is not None:
        yield Problem(
            found,
            f"the policy excludes what it matches, so it is for nothing: {_REFUSED}",
            help="Take out of exclude what match asks for.",
            related=(RelatedPath(_SPEC / "match", "what the policy matches"),),
            at="key",
        )

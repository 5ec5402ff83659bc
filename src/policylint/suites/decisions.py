"""The steps of a verdict with their places in files."""

from collections.abc import Iterable

from policylint.document.document import Document
from policylint.engine.response import Step
from policylint.outcome import Decision


def located(steps: Iterable[Step], policy: Document, resource: Document) -> tuple[Decision, ...]:
    """`steps`, taken in the documents `policy` and `resource`, with where they were taken."""
    return tuple(
        Decision(
            step.what,
            step.outcome,
            "" if step.policy_path is None else str(step.policy_path),
            None if step.policy_path is None else policy.location(step.policy_path),
            "" if step.resource_path is None else str(step.resource_path),
            None if step.resource_path is None else resource.location(step.resource_path),
            step.holds,
        )
        for step in steps
    )

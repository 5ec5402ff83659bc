"""Webhook timeouts that another policy overrules.

Source: kyverno/kyverno pkg/controllers/webhook/controller.go `mergeWebhook`: policies of one failure policy share a
webhook, which waits as long as the longest of them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policylint.document.document import Document
from policylint.model import Problem, YamlPath
from policylint.views.kyverno import DEFAULT_TIMEOUT, KyvernoPolicy


class _Waiting(NamedTuple):
    document: Document
    path: YamlPath
    seconds: int


def problems(documents: Sequence[Document]) -> Iterator[tuple[Document, Problem]]:
    """One problem for each policy whose timeout is shorter than another's in the same webhook."""
    webhooks: dict[str, list[_Waiting]] = {}
    for document in documents:
        for policy in KyvernoPolicy.of(document):
            timeout, failure_policy = policy.timeout.effective, policy.effective_failure_policy.value
            if policy.has_match_conditions or policy.admission.value is False or failure_policy is None:
                continue
            if timeout is not None and timeout.value is not None and timeout.value >= DEFAULT_TIMEOUT:
                waiting = _Waiting(document, timeout.path, timeout.value)
                webhooks.setdefault(failure_policy, []).append(waiting)
    for failure_policy, members in webhooks.items():
        longest = max(members, key=lambda member: member.seconds)
        for member in members:
            if member.seconds < longest.seconds:
                yield (
                    member.document,
                    Problem(
                        member.path,
                        f"{member.seconds} s do not count: {longest.document.resource} in"
                        f" {longest.document.source.path} asks for {longest.seconds} s, and policies with failurePolicy"
                        f" {failure_policy} share one webhook, which waits as long as the longest of them",
                        "give them one timeout, or this policy webhookConfiguration.matchConditions and so its own"
                        " webhook",
                    ),
                )

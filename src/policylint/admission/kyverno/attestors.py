"""Attestors of image verification, wherever they are: in sets, nested in each other, under attestations."""

from collections.abc import Iterable, Iterator

from policylint.views.kyverno import KyvernoPolicy
from policylint.views.kyverno.verify_images import Attestor, AttestorSet, VerifyImages


def entries(policy: KyvernoPolicy) -> Iterator[VerifyImages]:
    """Every `verifyImages` entry of the policy."""
    for rule in policy.rules:
        yield from rule.verify_images


def attestors(entry: VerifyImages) -> Iterator[Attestor]:
    """Every attestor of an entry, those of its attestations included."""
    yield from _in_sets(entry.attestors)
    for attestation in entry.attestations:
        yield from _in_sets(attestation.attestors)


def all_attestors(policy: KyvernoPolicy) -> Iterator[Attestor]:
    """Every attestor of the policy."""
    for entry in entries(policy):
        yield from attestors(entry)


def _in_sets(sets: Iterable[AttestorSet]) -> Iterator[Attestor]:
    waiting = [attestor for each in sets for attestor in each.entries]
    while waiting:
        attestor = waiting.pop(0)
        yield attestor
        if attestor.nested is not None:
            waiting = [*attestor.nested.entries, *waiting]

"""How long verifying images may take, against how long the API server waits for the webhook: an estimate.

What is multiplied, and what goes on at once:

- Kyverno verifies images one after the other, and for each image attestor after attestor (kyverno
  pkg/engine/internal/imageverifier.go `Verify`, `verifyAttestorSet`, `ExpandStaticKeys`, `verifyAttestations`).
- policy-controller verifies the containers of one list, all policies and all authorities at once, list after list, and
  the keys of an authority one after the other (policy-controller pkg/webhook/validator.go `validatePodSpec`,
  `validatePolicies`, `ValidatePolicy`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policylint.admission.policy_set.pods import Pod, Pods
from policylint.document.document import Document
from policylint.model import ROOT, Problem, YamlPath
from policylint.views import fields
from policylint.views.globs import Dialect
from policylint.views.kyverno import DEFAULT_TIMEOUT, LONGEST_TIMEOUT, CelPolicy, KyvernoPolicy
from policylint.views.kyverno.verify_images import AttestorSet, VerifyImages
from policylint.views.shape import Shape
from policylint.views.sigstore import Authority, ClusterImagePolicy

_SPEC = ROOT / "spec"
_POLICY_CONTROLLER = 25  # seconds, config/500-webhook-configuration.yaml
_LISTS = 3  # of containers in a pod
_KEY_ENDS = "-----END PUBLIC KEY-----"


class Pace(NamedTuple):
    """What one check costs: `round_trips` of so many `seconds`; and how many images a pod has where none is known."""

    images: int
    round_trips: int
    seconds: float


class _Part(NamedTuple):
    """Something that verifies images: `attestors` and `attestations` for each image that meets one of the patterns."""

    path: YamlPath
    dialect: Dialect
    patterns: Sequence[str]
    skipped: Sequence[str]
    attestors: int
    attestations: int

    @property
    def checks(self) -> int:
        return self.attestors + self.attestations


def problems(documents: Sequence[Document], facts: Collection[Pod], pace: Pace) -> Iterator[tuple[Document, Problem]]:
    """One problem for each policy that may still be verifying when the API server has stopped waiting.

    `facts` are the images of the project's pod templates.
    """
    pods = Pods(facts)
    asked = [(each, policy) for each in documents for policy in KyvernoPolicy.of(each)]
    asked = [(each, policy) for each, policy in asked if policy.admission.value is not False]
    waits = _shared_timeouts(policy for _, policy in asked)
    for document, policy in asked:
        parts = [part for rule in policy.rules for each in rule.verify_images for part in _entry(each)]
        shared = waits.get(policy.effective_failure_policy.value or "", 0)
        wait = _own_timeout(policy) if policy.has_match_conditions else shared
        yield from _placed(document, _sequential(parts, pods, pace, wait))
    for document in documents:
        for cel in CelPolicy.of(document):
            if cel.kind == "ImageValidatingPolicy" and cel.judges_admission:
                timeout = cel.timeout.effective
                wait = DEFAULT_TIMEOUT if timeout is None or timeout.value is None else timeout.value
                yield from _placed(document, _sequential([_image_policy(document)], pods, pace, wait))
        for cluster in ClusterImagePolicy.of(document):
            yield from _placed(document, _parallel(cluster, pods, pace))


def _placed(document: Document, found: Problem | None) -> Iterator[tuple[Document, Problem]]:
    if found is not None:
        yield document, found


def _own_timeout(policy: KyvernoPolicy) -> int:
    """Never less than Kyverno's own (pkg/controllers/webhook/controller.go `mergeWebhook`)."""
    written = policy.timeout.effective
    value = written.value if written is not None else None
    return min(max(value or 0, DEFAULT_TIMEOUT), LONGEST_TIMEOUT)


def _shared_timeouts(policies: Iterable[KyvernoPolicy]) -> Mapping[str, int]:
    """How long the webhook of each failure policy waits, which is as long as the longest of its policies."""
    found: dict[str, int] = {}
    for policy in policies:
        if not policy.has_match_conditions:
            key = policy.effective_failure_policy.value or ""
            found[key] = max(found.get(key, 0), _own_timeout(policy))
    return found


def _entry(entry: VerifyImages) -> Iterator[_Part]:
    attestors = sum(map(_size, entry.attestors)) + entry.is_verified_the_old_way
    attestations = sum(max(1, sum(map(_size, each.attestors))) for each in entry.attestations)
    if attestors or attestations:
        references = [text for _, text in entry.image_references]
        yield _Part(entry.path, "kyverno", references, entry.skipped_references, attestors, attestations)


def _size(attestors: AttestorSet) -> int:
    """How many attestors are asked in turn at most; every key of a list of keys is one."""
    found = 0
    for entry in attestors.entries:
        if entry.nested is not None:
            found += _size(entry.nested)
        else:
            found += max(1, entry.keys.public_keys.count(_KEY_ENDS) if entry.keys is not None else 1)
    return found


def _image_policy(document: Document) -> _Part:
    shape = Shape()
    spec = shape.mapping(document.mapping.get("spec"), _SPEC)
    here = _SPEC / "matchImageReferences"
    references = shape.mappings(spec.get("matchImageReferences"), here)
    globs = [fields.text(shape, item, path, "glob") for path, item in references]
    # what an expression lets in is not known
    patterns = globs if globs and all(globs) else ["*"]
    sizes = [len(shape.sequence(spec.get(key), _SPEC / key)) for key in ("attestors", "attestations")]
    return _Part(_SPEC / "attestors", "gobwas", patterns, (), *sizes)


def _sequential(parts: Sequence[_Part], pods: Pods, pace: Pace, wait: int) -> Problem | None:
    each = pace.round_trips * pace.seconds
    most = sum(part.checks for part in parts)
    if max(pods.most_images, pace.images) * most * each <= wait:
        return None
    terms = _largest(parts, pods)
    known = bool(terms)
    if not terms and parts:
        terms = [(pace.images, max(parts, key=lambda part: part.checks))]
    seconds = _checks(terms) * each
    if seconds <= wait:
        return None
    largest = max(terms, key=lambda term: term[0] * term[1].checks)[1]
    product = " + ".join(_said(number, part) for number, part in terms)
    product = f"({product})" if len(terms) > 1 else product
    whose = "for the pod with the most" if known else "for a pod with so many"
    cost = f"{pace.round_trips} round trips x {_short(pace.seconds)} s"
    return Problem(
        largest.path,
        f"estimate: {product} x {cost} = {_short(seconds)} s {whose}; the API server waits {wait} s for the webhook",
        "give webhookConfiguration.timeoutSeconds as much as it takes (at most 30), or verify less at once; measure the"
        " registry and set this rule's options to that",
        at="key",
    )


def _parallel(policy: ClusterImagePolicy, pods: Pods, pace: Pace) -> Problem | None:
    authorities = [each for each in policy.authorities if each.static is None]
    if not authorities:
        return None
    slowest = max(authorities, key=_keys)
    globs = [image.glob for image in policy.images if image.glob]
    each = _keys(slowest) * pace.round_trips * pace.seconds
    if each * _LISTS <= _POLICY_CONTROLLER:
        return None
    lists = pods.most_lists(globs) or 1
    seconds = lists * each
    if seconds <= _POLICY_CONTROLLER:
        return None
    return Problem(
        slowest.path,
        f"estimate: {_many(lists, 'list')} of containers x {_many(_keys(slowest), 'key')} x {pace.round_trips} round"
        f" trips x {_short(pace.seconds)} s = {_short(seconds)} s, and the API server waits {_POLICY_CONTROLLER} s for"
        " policy-controller, which verifies the images of a list and the authorities at once",
        "bring the registry or its credentials nearer; measure it and set this rule's options to that",
        at="key",
    )


def _keys(authority: Authority) -> int:
    return max(1, authority.key.data.count(_KEY_ENDS) if authority.key is not None else 1)


def _largest(parts: Sequence[_Part], pods: Pods) -> list[tuple[int, _Part]]:
    """How many images each part verifies in the pod that takes longest; nothing when no pod is concerned."""
    counted = [(pods.counts(part.dialect, part.patterns, part.skipped), part) for part in parts]
    totals: Counter[int] = Counter()
    for counts, part in counted:
        for pod, number in counts.items():
            totals[pod] += number * part.checks
    if not totals:
        return []
    longest = max(totals, key=lambda pod: (totals[pod], -pod))
    return [(counts[longest], part) for counts, part in counted if counts[longest]]


def _checks(terms: Iterable[tuple[int, _Part]]) -> int:
    return sum(number * part.checks for number, part in terms)


def _said(number: int, part: _Part) -> str:
    said = [_many(part.attestors, "attestor"), _many(part.attestations, "attestation")]
    kept = [text for text, size in zip(said, part[-2:], strict=True) if size]
    checks = kept[0] if len(kept) == 1 else f"({' + '.join(kept)})"
    return f"{_many(number, 'image')} x {checks}"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _short(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".")

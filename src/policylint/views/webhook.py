"""Webhook configurations as the API server would store them, defaults applied."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.fields import Field, string, text
from policylint.views.shape import Shape, ShapeProblem

GROUP = "admissionregistration.k8s.io"
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 1, 30

_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
# pkg/apis/admissionregistration/v1beta1/defaults.go and v1/defaults.go of Kubernetes
_DEFAULTS: Mapping[str, tuple[int, str, str]] = {"v1beta1": (30, "Ignore", "Exact")}
_DEFAULTS_V1 = (10, "Fail", "Equivalent")


class Webhook(NamedTuple):
    """One webhook of a configuration.

    `timeout_seconds.value` is None when something else than an integer is written there, which is HOK001's to report
    and no shape problem; `default_timeout` is what counts when nothing is. `side_effects` must be written in v1, so
    its value is empty when it is absent.
    """

    path: YamlPath
    name: str
    timeout_seconds: Field[int]
    default_timeout: int
    failure_policy: Field[str]
    match_policy: Field[str]
    side_effects: Field[str]
    admission_review_versions: tuple[str, ...]


class WebhookConfiguration(NamedTuple):
    """A ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""

    document: Document
    webhooks: tuple[Webhook, ...]
    shape_problems: tuple[ShapeProblem, ...]

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when it is a webhook configuration, else nothing."""
        if document.group != GROUP or document.kind not in _KINDS:
            return
        shape = Shape()
        items = shape.mappings(document.mapping.get("webhooks"), YamlPath.of("webhooks"))
        webhooks = tuple(_webhook(shape, item, path, document.version) for path, item in items)
        yield cls(document, webhooks, shape.problems)


def _webhook(shape: Shape, data: Mapping[str, Any], path: YamlPath, version: str) -> Webhook:
    timeout, failure_policy, match_policy = _DEFAULTS.get(version, _DEFAULTS_V1)
    versions = shape.strings(data.get("admissionReviewVersions"), path / "admissionReviewVersions")
    return Webhook(
        path=path,
        name=text(shape, data, path, "name"),
        timeout_seconds=_timeout(data.get("timeoutSeconds"), path / "timeoutSeconds", timeout),
        default_timeout=timeout,
        failure_policy=string(shape, data, path, "failurePolicy", failure_policy),
        match_policy=string(shape, data, path, "matchPolicy", match_policy),
        side_effects=string(shape, data, path, "sideEffects", "Unknown" if version == "v1beta1" else ""),
        admission_review_versions=tuple(version for _, version in versions),
    )


def _timeout(written: object, path: YamlPath, default: int) -> Field[int]:
    if written is None:
        return Field(default, path, explicit=False)
    if isinstance(written, int) and not isinstance(written, bool):
        return Field(written, path, explicit=True)
    return Field(None, path, explicit=True)

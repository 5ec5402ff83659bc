"""What every Kyverno policy is to the API server: a webhook that is waited for."""

from collections.abc import Iterator
from typing import NamedTuple, Self

from policylint.document.document import Document
from policylint.model import ROOT, YamlPath
from policylint.views.fields import Field
from policylint.views.kyverno.cel import CelPolicy
from policylint.views.kyverno.context import CallOut
from policylint.views.kyverno.policy import KyvernoPolicy
from policylint.views.kyverno.timeout import Timeout
from policylint.views.shape import ShapeProblem

_SPEC = ROOT / "spec"


class AdmissionPolicy(NamedTuple):
    """A policy of either group.

    `shares_webhook`: ClusterPolicies and Policies of one failure policy share a webhook that waits as long as the
    longest of them and never less than Kyverno's own default; one with match conditions gets its own, which starts
    from that default all the same. Those of policies.kyverno.io that set a timeout get their own and keep the value
    (pkg/controllers/webhook/controller.go `mergeWebhook`, validating.go `buildWebhookRules`).
    """

    kind: str
    shares_webhook: bool
    admission: bool
    timeout: Timeout
    failure_policy: Field[str]
    call_outs: tuple[CallOut, ...]
    only_audits: bool
    document: Document
    shape_problems: tuple[ShapeProblem, ...]

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when it is a Kyverno policy with a webhook, else nothing."""
        for policy in KyvernoPolicy.of(document):
            yield cls(
                policy.kind,
                shares_webhook=True,
                admission=policy.admission.value is not False,
                timeout=policy.timeout,
                failure_policy=policy.effective_failure_policy,
                call_outs=policy.calls_out(),
                only_audits=policy.only_audits,
                document=document,
                shape_problems=policy.shape_problems,
            )
        for cel in CelPolicy.of(document):
            yield cls(
                document.kind,
                shares_webhook=False,
                admission=cel.judges_admission,
                timeout=cel.timeout,
                failure_policy=cel.failure_policy,
                call_outs=cel.calls_out(),
                only_audits=cel.only_audits,
                document=document,
                shape_problems=cel.shape_problems,
            )

    def webhook_path(self, field: str, kyverno: tuple[int, int] | None) -> YamlPath:
        """Where `timeoutSeconds` or `failurePolicy` is to be written for that Kyverno version (None: a recent one).

        `spec.webhookConfiguration` has them since 1.13; CEL policies keep `failurePolicy` under `spec`.
        """
        old = kyverno is not None and kyverno < (1, 13)
        if field == "failurePolicy":
            return _SPEC / field if old or not self.shares_webhook else _SPEC / "webhookConfiguration" / field
        if old and self.shares_webhook:
            return _SPEC / "webhookTimeoutSeconds"
        return _SPEC / "webhookConfiguration" / field

    def removal_path(self, path: YamlPath) -> YamlPath:
        """What to remove so that the key at `path` goes without leaving an empty mapping behind."""
        owner = self.document.get(path.parent)
        return path.parent if path.parent != _SPEC and isinstance(owner, dict) and len(owner) == 1 else path

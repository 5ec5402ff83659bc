"""Settings of ImagePolicyWebhook (plugin/pkg/admission/imagepolicy/config.go `normalizeWebhookConfig`)."""

from collections.abc import Iterator
from typing import NamedTuple

from policylint.admission.kubernetes.api_server import ImagePolicy
from policylint.document.document import Document
from policylint.model import Problem


class _Range(NamedTuple):
    least: int
    most: int
    unit: str


_RANGES = {
    "retryBackoff": _Range(1, 5 * 60 * 1000, "milliseconds"),
    "allowTTL": _Range(1, 30 * 60, "seconds"),
    "denyTTL": _Range(1, 30 * 60, "seconds"),
}


def problems(document: Document) -> Iterator[Problem]:
    """What keeps kube-apiserver from starting with the AdmissionConfiguration `document`."""
    for policy in ImagePolicy.of(document):
        if not policy.kubeconfig:
            message = "imagePolicy has no kubeConfigFile: kube-apiserver does not know whom to ask and does not start"
            yield Problem(policy.path / "kubeConfigFile", message)
        for key, allowed in _RANGES.items():
            value = policy.values.get(key)
            if not isinstance(value, int) or isinstance(value, bool) or value in (0, -1):
                continue  # 0 stands for the default, -1 for no cache or no wait
            if not allowed.least <= value <= allowed.most:
                yield Problem(
                    policy.path / key,
                    f"{key} is {value}, and kube-apiserver takes {allowed.least} to {allowed.most} {allowed.unit}"
                    " (or -1 for none): it does not start",
                )

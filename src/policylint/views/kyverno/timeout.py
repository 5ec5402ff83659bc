"""How long the API server waits for the webhook that serves a policy."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.model import YamlPath
from policylint.views import fields
from policylint.views.fields import Field
from policylint.views.shape import Shape

DEFAULT_TIMEOUT = 10
SHORTEST_TIMEOUT = 1
LONGEST_TIMEOUT = 30


class Timeout(NamedTuple):
    """Both places, in seconds. `deprecated` is `spec.webhookTimeoutSeconds`, which only kyverno.io kinds have."""

    current: Field[int]
    deprecated: Field[int] | None

    @property
    def effective(self) -> Field[int] | None:
        """The field that counts, or None when neither is set (api/kyverno/v1 `Spec.GetWebhookTimeoutSeconds`)."""
        return next(iter(self.written), None)

    @property
    def written(self) -> tuple[Field[int], ...]:
        """The fields that are set, the one that counts first."""
        both = (self.current, self.deprecated)
        return tuple(field for field in both if field is not None and field.explicit)


def read_timeout(shape: Shape, spec: Mapping[str, Any], path: YamlPath, deprecated: bool) -> Timeout:
    webhook = shape.mapping(spec.get("webhookConfiguration"), path / "webhookConfiguration")
    return Timeout(
        fields.integer(shape, webhook, path / "webhookConfiguration", "timeoutSeconds"),
        fields.integer(shape, spec, path, "webhookTimeoutSeconds") if deprecated else None,
    )

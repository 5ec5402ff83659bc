"""A webhook of a webhook configuration sets no timeout, or one that the API server refuses.

What it does
------------
Reports webhooks of ValidatingWebhookConfigurations and MutatingWebhookConfigurations without `timeoutSeconds`, as a
warning, and as an error those whose `timeoutSeconds` is not an integer from 1 to 30.

Why is this bad
---------------
Without it the API server waits 10 s for every call, whatever the webhook does. That is too short for a webhook that
asks a registry or another service, which then fails requests under load; for a webhook in the way of every request it
is a long time to stand still when it is down. With `failurePolicy: Fail` the request is denied at the end, with
`Ignore` it goes through unchecked. A value outside 1 to 30 is refused, and the configuration is not applied.

Example
-------
```yaml
webhooks:
- name: images.example.com
  failurePolicy: Fail
```

Use instead
-----------
```yaml
webhooks:
- name: images.example.com
  failurePolicy: Fail
  timeoutSeconds: 25
```

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
- https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
"""

from collections.abc import Iterator

from policylint.api import Fix, Problem, Rule, RuleContext, SetValue
from policylint.views.webhook import LONGEST_TIMEOUT, SHORTEST_TIMEOUT, Webhook, WebhookConfiguration

RULE = Rule(
    id="HOK001",
    name="webhook-configuration-timeout-missing",
    severity="warning",
    judges=WebhookConfiguration,
    kinds=("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
)

_ACCEPTED = f"the API server accepts integers from {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}"


def check(configuration: WebhookConfiguration, context: RuleContext) -> Iterator[Problem]:
    for webhook in configuration.webhooks:
        timeout = webhook.timeout_seconds
        name = f"webhook {webhook.name}" if webhook.name else "this webhook"
        if not timeout.explicit:
            yield _missing(webhook, name)
        elif timeout.value is None or not SHORTEST_TIMEOUT <= timeout.value <= LONGEST_TIMEOUT:
            written = configuration.document.get(timeout.path)
            shown = f'"{written}", a string' if isinstance(written, str) else written
            yield Problem(timeout.path, f"{name} has timeoutSeconds {shown}: {_ACCEPTED}", severity="error")


def _missing(webhook: Webhook, name: str) -> Problem:
    path, default = webhook.timeout_seconds.path, webhook.default_timeout
    outcome = "lets it through unchecked" if webhook.failure_policy.value == "Ignore" else "denies the request"
    return Problem(
        path,
        f"{name} sets no timeoutSeconds: the API server waits {default} s for it, then {outcome}",
        help=f"Set timeoutSeconds to what the webhook's own calls may take, at most {LONGEST_TIMEOUT}, and keep it"
        " short where every request must pass.",
        fix=Fix(f"write the default, timeoutSeconds: {default}", (SetValue(path, default),), safe=True),
    )

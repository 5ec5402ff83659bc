"""A cleanup policy, or a time to live on an object, is one that Kyverno refuses.

What it does
------------
Reports CleanupPolicies and ClusterCleanupPolicies whose schedule is no cron schedule, whose context reads config maps
or registries, whose match is built in a way that is refused or asks for users, that exclude what they match, or whose
variables cannot be read. Reports the label `cleanup.kyverno.io/ttl` on any object when its value is neither a duration
nor a date. Warns of schedules that are admitted but that the cleanup controller, which reads them with another parser,
cannot run.

Why is this bad
---------------
The webhook denies the object. With a schedule such as `@every 1h` the policy is admitted, and never cleans up.

Example
-------
```yaml
spec:
  schedule: "@every 1h"
```

Use instead
-----------
```yaml
spec:
  schedule: "0 * * * *"
```

References
----------
- https://kyverno.io/docs/policy-types/cleanup-policy/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v2/cleanup_policy_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.cleanup import Cleanup
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV124", name="refused-cleanup", severity="error", judges=Cleanup)


def check(found: Cleanup, context: RuleContext) -> Iterator[Problem]:
    if found.is_policy:
        from policylint.admission.kyverno import cleanup

        for stored in Stored.of(found.document):
            yield from cleanup.problems(stored, minor_of(context.config.kyverno_version))
    if found.has_ttl:
        from policylint.admission.kyverno import ttl_label

        yield from ttl_label.problems(found.document)

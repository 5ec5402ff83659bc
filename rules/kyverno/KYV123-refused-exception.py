"""A policy exception is one that Kyverno refuses.

What it does
------------
Reports PolicyExceptions of kyverno.io whose match asks for roles or subjects while background scans apply them, or is
built in a way that is refused; that name no policy; or whose Pod Security controls lack images or have them in vain.
Reports PolicyExceptions of policies.kyverno.io without a policy's kind and name. Their match conditions are not
compiled when they are created.

Why is this bad
---------------
The webhook denies the exception, so what it was to let through is denied or reported.

Example
-------
```yaml
kind: PolicyException
spec:
  match:
    any:
    - subjects: [{kind: User, name: alice}]
```

Use instead
-----------
```yaml
kind: PolicyException
spec:
  background: false
  match:
    any:
    - subjects: [{kind: User, name: alice}]
```

References
----------
- https://kyverno.io/docs/guides/exceptions/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v2/policy_exception_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV123", name="refused-exception", severity="error", judges=Stored, kinds=("PolicyException",))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import exceptions

    yield from exceptions.problems(stored, minor_of(context.config.kyverno_version))

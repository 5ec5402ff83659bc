"""A Helm hook's pod finds no room while the release runs, so that the upgrade never gets past it.

What it does
------------
Given `cluster:` in the configuration, looks at the Jobs and Pods that carry `helm.sh/hook` for upgrades and rollbacks.
A `pre-` hook must find a slot (and what it requests) beside every pod of the release; a `post-` hook at least beside
the workloads that never give a pod up. Quotas count too. Hooks of installs, tests and deletions are not judged, and
hooks whose priority class may evict others are not certain.

Why is this bad
---------------
Helm creates the hook before it touches anything else and waits for it. The pod stays Pending, the upgrade runs into its
time limit, and nothing of the release has changed. A surge of 0 does not help: the hook runs before any old pod stops.

Example
-------
    metadata:
      annotations:
        helm.sh/hook: pre-upgrade  # on a full node

Use instead
-----------
    # keep one pod slot free, or do the work in an init container, which needs no slot of its own

References
----------
- https://helm.sh/docs/topics/charts_hooks/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext

RULE = Rule(id="ROL004", name="hook-without-slot", severity="error", judges=Release)
_HELP = "keep room for one pod free, with a larger node or one more, or do the work in an init container"


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None or not any("helm.sh/hook" in found.annotations for found in release.documents):
        return
    from policylint.capacity.findings import assessed, hook_path

    assessment = assessed(release, context.config.cluster)
    for hook in assessment.hooks if assessment is not None else ():
        shortage = hook.shortage
        if shortage.verdict == "deadlock":
            amount = f"{shortage.needed} of {shortage.capacity}"
            need = f"pod {amount}" if shortage.unit == "pods" else f"{shortage.unit} {amount}"
            phases = " and ".join(phase for phase in hook.phases if not phase.endswith("install"))
            message = f"the {phases} hook never starts: it needs {need} while the release runs ({shortage.text})"
            yield hook.document, Problem(hook_path(), message, _HELP)

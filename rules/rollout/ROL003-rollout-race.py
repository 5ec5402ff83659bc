"""Whether a rolling update finishes depends on which pod the scheduler happens to place first.

What it does
------------
Given `cluster:` in the configuration, reports a workload that may miss no pod and has no room for a new one, while
others of the same release give pods up before they replace them. The room that those free may go to the waiting
workload, and then everything finishes; or back to where it came from, and then it waits for good. Where nobody can free
room, the deadlock is certain: `ROL001`.

Why is this bad
---------------
The same release finishes on one day and hangs on another, and nothing in it differs.

Example
-------
    # full node; `web` waits with maxUnavailable 0, `worker` rolls with maxUnavailable 1
    spec:
      strategy:
        rollingUpdate: {maxSurge: 1, maxUnavailable: 0}

Use instead
-----------
    spec:
      strategy:
        rollingUpdate: {maxSurge: 0, maxUnavailable: 1}

References
----------
- https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext

RULE = Rule(id="ROL003", name="rollout-race", severity="warning", judges=Release, default=False, profiles=("rollout",))
_WHAT = "whether the rolling update finishes depends on who gets the room that others of the release free"


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import shortages, strategy_problem

    for short in shortages(release, context.config.cluster, "race"):
        if short.shortage.dimension != "volume":
            yield strategy_problem(short, _WHAT)

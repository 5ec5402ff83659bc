"""A Job's pod finds no room once the rest of the release runs, so that the Job never starts.

What it does
------------
Given `cluster:` in the configuration, looks at the Jobs, the CronJobs and the pods that end by themselves, hooks aside
(`ROL004`). One pod of each must find a slot, and what it requests, beside the workloads that never give a pod up, on a
node that is large enough. Suspended ones are left out, and so is what a priority class may make room for.

Why is this bad
---------------
Nothing reports it: the release counts as deployed, and the Job's pod stays Pending. A CronJob misses its runs, one
after the other.

Example
-------
    kind: CronJob  # on a node whose last slot the release's own Deployment takes

Use instead
-----------
    # keep one pod slot free for it, or suspend it

References
----------
- https://kubernetes.io/docs/concepts/workloads/controllers/job/
- https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext, YamlPath

RULE = Rule(id="ROL019", name="job-without-slot", severity="warning", judges=Release)
_HELP = "keep room for one pod free, with a larger node or one more"
_ENDING = frozenset({"Job", "CronJob", "Pod"})


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None or not any(document.kind in _ENDING for document in release.documents):
        return
    from policylint.capacity.findings import assessed

    assessment = assessed(release, context.config.cluster)
    for job in assessment.jobs if assessment is not None else ():
        shortage = job.shortage
        if shortage.verdict == "deadlock":
            amount = f"{shortage.needed} of {shortage.capacity}"
            need = f"pod {amount}" if shortage.unit == "pods" else f"{shortage.unit} {amount}"
            message = f"its pod never starts: it needs {need} beside the rest of the release ({shortage.text})"
            yield job.document, Problem(YamlPath.of("spec"), message, _HELP, at="key")

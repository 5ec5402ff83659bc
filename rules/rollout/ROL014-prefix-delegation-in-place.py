"""A pipeline turns on prefix delegation on running nodes, which take no more pods for it.

What it does
------------
Reports `kubectl set env` on the DaemonSet `aws-node` with `ENABLE_PREFIX_DELEGATION=true` in the shell steps of a
workflow or an action, unless the same file also replaces nodes (`eksctl upgrade|delete nodegroup`,
`aws eks update-nodegroup-version`, a rolling instance refresh, or `terraform apply`).

Why is this bad
---------------
The kubelet reads its `max-pods` when it starts. With the setting alone, addresses are handed out in blocks, and every
node still refuses its twelfth pod. New nodes take more, and reserve more memory for their agents: 255 MiB and 11 MiB
for each pod that they may run, 1,465 MiB at 110. On a node of 2 GiB that is most of it.

Example
-------
    - run: kubectl set env daemonset aws-node -n kube-system ENABLE_PREFIX_DELEGATION=true

Use instead
-----------
    - run: |
        kubectl set env daemonset aws-node -n kube-system ENABLE_PREFIX_DELEGATION=true
        eksctl upgrade nodegroup --cluster prod --name default

References
----------
- https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html
- https://github.com/awslabs/amazon-eks-ami
"""

import re
from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext, YamlPath
from policylint.views.workflow import GithubFile

RULE = Rule(id="ROL014", name="prefix-delegation-in-place", severity="warning", judges=GithubFile)
_MESSAGE = "prefix delegation is turned on, but nodes that run already go on taking as many pods as before"
_HELP = "replace the nodes afterwards; new ones also reserve more memory (255 MiB + 11 MiB for each pod of max-pods)"


def check(file: GithubFile, context: RuleContext) -> Iterator[Problem]:
    steps = [(step.path / "run", step.fields.get("run")) for job in file.jobs for step in job.steps]
    steps += [(step.path / "run", step.fields.get("run")) for step in file.action_steps]
    runs = [(path, run) for path, run in steps if isinstance(run, str)]
    if any("ENABLE_PREFIX_DELEGATION" in run for _, run in runs):
        yield from _problems(runs)


def _problems(runs: list[tuple[YamlPath, str]]) -> Iterator[Problem]:
    replaces = re.compile(
        r"\beksctl\s+(?:upgrade|delete|create|replace)\s+(?:nodegroup|ng)\b|\bupdate-nodegroup-version\b"
        r"|\bdelete-nodegroup\b|\bstart-instance-refresh\b|\bterraform\b.*\bapply\b"
    )
    turns_on = re.compile(
        r"\bkubectl\b(?=[^\n;&|]*\bset\s+env\b)(?=[^\n;&|]*\b(?:daemonsets?|ds)(?:\.apps)?[\s/]+aws-node\b)"
        r"[^\n;&|]*\bENABLE_PREFIX_DELEGATION=[\"']?true\b"
    )
    joined = [(path, re.sub(r"\\\r?\n", " ", re.sub(r"(?m)^\s*#.*$", "", run))) for path, run in runs]
    if any(replaces.search(run) for _, run in joined):
        return
    for path, run in joined:
        if turns_on.search(run):
            yield Problem(path, _MESSAGE, _HELP)

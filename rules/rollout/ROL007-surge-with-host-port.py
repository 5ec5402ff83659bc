"""A rolling update starts a pod beside one that holds the same port of the node.

What it does
------------
Reports DaemonSets with `maxSurge` whose pods bind a port of their node: `hostPort`, or any container port with
`hostNetwork`. For Deployments it needs `cluster:` in the configuration: their pods exclude each other from a node, so
with as many replicas as nodes and a `maxUnavailable` of 0 the new pod has nowhere to go.

Why is this bad
---------------
The API server accepts it, and the scheduler then keeps the new pod Pending, as the port of the node is taken by the
old pod, which stops only when the new one is available.

Example
-------
    spec:
      updateStrategy:
        rollingUpdate: {maxSurge: 1, maxUnavailable: 0}  # with hostPort: 9100

Use instead
-----------
    spec:
      updateStrategy:
        rollingUpdate: {maxUnavailable: 1}

References
----------
- https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/
- https://github.com/kubernetes/enhancements/tree/master/keps/sig-apps/1591-daemonset-surge
"""

from collections.abc import Iterator

from policylint.api import Document, Fix, Problem, Release, Rule, RuleContext, SetValue, YamlPath

RULE = Rule(id="ROL007", name="surge-with-host-port", severity="error", judges=Release)
_ROLLING = YamlPath.of("spec", "updateStrategy", "rollingUpdate")


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    yield from _daemons(release)
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import excludes, shortages, starts, strategy_problem

    for short in shortages(release, context.config.cluster, "deadlock"):
        if excludes(short) == "port" and short.rollout.kind != "DaemonSet":
            yield strategy_problem(short, starts(short))


def _daemons(release: Release) -> Iterator[tuple[Document, Problem]]:
    for document in release.documents:
        if document.kind != "DaemonSet" or not document.get(_ROLLING / "maxSurge"):
            continue
        from policylint.capacity.exclusive import host_ports
        from policylint.views.workload import Workload

        for workload in Workload.of(document):
            strategy, ports = workload.strategy, list(host_ports(workload.pod, workload.pod_path))
            if ports and not strategy.problems and strategy.max_surge and strategy.max_surge.value:
                _, (_, protocol, number) = ports[0]
                message = f"the rolling update cannot finish: the new pod needs port {number}/{protocol} of its node"
                message += f" before the old one gives it up (maxSurge {strategy.max_surge})"
                steps = (SetValue(_ROLLING / "maxSurge", 0), SetValue(_ROLLING / "maxUnavailable", 1))
                fix = Fix("Replace pods in place, without surge", steps)
                help_ = "set maxSurge: 0 and maxUnavailable: 1: each node is without its pod while it is replaced"
                yield document, Problem(_ROLLING / "maxSurge", message, help_, fix=fix)

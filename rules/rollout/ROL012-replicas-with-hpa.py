"""A workload fixes its replicas, and an autoscaler sets them too.

What it does
------------
Reports `spec.replicas` of a workload that a HorizontalPodAutoscaler or a KEDA ScaledObject of the same release scales.
A range of one number that agrees is left alone.

Why is this bad
---------------
Every `helm upgrade` and `kubectl apply` writes the fixed number over what the autoscaler has chosen: under load, most
pods are stopped at once, in the middle of a rollout, until the autoscaler counts again.

Example
-------
    spec:
      replicas: 2  # beside an autoscaler that keeps 2 to 10

Use instead
-----------
    spec:
      # no replicas: the autoscaler decides

References
----------
- https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
"""

from collections.abc import Iterator

from policylint.api import Document, Fix, Problem, Release, RemoveKey, Rule, RuleContext, YamlPath

RULE = Rule(id="ROL012", name="replicas-with-hpa", severity="warning", judges=Release)
_REPLICAS = YamlPath.of("spec", "replicas")
_HELP = (
    "leave replicas out; on the first apply without it the API server fills in 1 once, unless the field is first"
    " taken out of the last applied configuration"
)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    kinds = {document.kind for document in release.documents}
    if not kinds & {"HorizontalPodAutoscaler", "ScaledObject"}:
        return
    from policylint.capacity.scaling import Target, scalers_of

    scalers = {scaler.target: scaler for scaler in scalers_of(release.documents)}
    for document in release.documents:
        scaler, given = scalers.get(Target.of(document)), document.get(_REPLICAS)
        # an autoscaler leaves an object alone that asks for no pods
        if scaler is None or not given or scaler.document is document or scaler.replicas == (given, given):
            continue
        least, most = scaler.replicas
        message = f"replicas is fixed at {given}, and {scaler.document.resource} keeps {least} to {most}:"
        message += " every apply undoes its choice"
        fix = Fix("Leave the number of replicas to the autoscaler", (RemoveKey(_REPLICAS),))
        yield document, Problem(_REPLICAS, message, _HELP, fix=fix)

"""How many pods a rolling update may add and may miss."""

from typing import NamedTuple

from policylint.views.quantities import IntOrPercent


class Fenceposts(NamedTuple):
    """Pods above `replicas` that may exist, and pods below it that may be unavailable."""

    surge: int
    unavailable: int


def resolve_fenceposts(max_surge: IntOrPercent, max_unavailable: IntOrPercent, replicas: int) -> Fenceposts:
    """The fenceposts of a Deployment, as ResolveFenceposts in pkg/controller/deployment/util/deployment_util.go.

    The surge is rounded up and the unavailability down; when both come to 0, one pod may be unavailable. As
    MaxUnavailable there, no more pods can be unavailable than there are.
    """
    surge = max_surge.resolve(replicas, round_up=True)
    unavailable = max_unavailable.resolve(replicas, round_up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Fenceposts(surge, min(unavailable, replicas))

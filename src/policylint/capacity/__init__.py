"""Rollout arithmetic: node limits, pools, fenceposts, and what follows from them.

The interface for rules, reports and other programs:

    from policylint.capacity.assess import assess
    assess(release, cluster, *, changed=None, present=(), starting=()) -> Assessment

`release` is a `policylint.views.release.Release`, `cluster` the configuration's `Cluster`. `changed` are the
ResourceIds whose pod templates roll (None: all); the others keep their pods. `starting` are those of which not all
pods run yet, so that nothing is certain that rests on their being there. `present` are documents that are in the
cluster already and not part of the release: ResourceQuota (with `status.used`), LimitRange, PersistentVolumeClaim,
HorizontalPodAutoscaler. The result's types are in `policylint.capacity.assessment`. Raises ConfigError for a pool whose
limit cannot be known.
"""

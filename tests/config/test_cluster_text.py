"""A `cluster:` section that is written reads back as the same value, whatever names and values it has."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policylint.config import PRESENT_KINDS, Cluster, NodePool, OtherPods
from policylint.config.cluster_text import cluster_text, scalar
from policylint.config.file import load_config

AWKWARD = st.sampled_from(
    ["no", "<<", "on", "~", "null", "012", "1e3", "0x1F", "-", "- a", "a: b", "a #b", "'", '"', "\\", "é", "😀"]
)
WORDS = st.one_of(AWKWARD, st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(str.strip))
QUANTITIES = st.sampled_from(["1", "100m", "0.5", "64Mi", "1e3"])
AMOUNTS = st.dictionaries(WORDS, QUANTITIES, max_size=3)
DATA: st.SearchStrategy[Any] = st.recursive(
    st.one_of(WORDS, st.integers(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(WORDS, inner, max_size=2)),
    max_leaves=4,
)
POOLS = st.builds(
    NodePool,
    WORDS,
    st.integers(1, 9),
    instance_type=st.one_of(st.just(""), WORDS),
    max_pods=st.integers(1, 250),
    labels=st.dictionaries(WORDS, st.one_of(st.just(""), WORDS), max_size=2),
    taints=st.lists(
        st.fixed_dictionaries({"key": WORDS, "value": st.one_of(st.just(""), WORDS), "effect": st.just("NoSchedule")}),
        max_size=2,
    ).map(tuple),
    allocatable=AMOUNTS,
    unschedulable=st.booleans(),
    prefix_delegation=st.just(False),
    provider=st.just(""),
    custom_networking=st.just(False),
    max_pods_policy=st.just(""),
)
PLAIN_OTHERS = st.builds(
    OtherPods,
    WORDS,
    st.integers(1, 9),
    per_node=st.just(False),
    owner=st.sampled_from(["", "Deployment/shop/web"]),
    pool=st.one_of(st.just(""), WORDS),
    requests=st.one_of(st.none(), AMOUNTS),
)
OTHERS = st.one_of(PLAIN_OTHERS, PLAIN_OTHERS.map(lambda other: other._replace(pods=1, per_node=True)))
PRESENT = st.fixed_dictionaries(
    {
        "apiVersion": st.just("v1"),
        "kind": st.sampled_from(PRESENT_KINDS),
        "metadata": st.fixed_dictionaries({"name": WORDS}),
        "spec": st.dictionaries(WORDS, DATA, max_size=3),
    }
)
CLUSTERS = st.builds(
    Cluster,
    st.lists(POOLS, min_size=1, max_size=3).map(tuple),
    st.lists(OTHERS, max_size=3).map(tuple),
    st.lists(PRESENT, max_size=2).map(tuple),
    st.lists(WORDS, max_size=2).map(tuple),
)


@given(CLUSTERS)
def test_any_cluster(tmp_path_factory: Any, cluster: Cluster) -> None:
    file: Path = tmp_path_factory.mktemp("any") / "policylint.yaml"
    file.write_text(cluster_text(cluster), encoding="utf-8", newline="\n")
    assert load_config(file).cluster == cluster


def test_strings_are_plain_where_they_can_be() -> None:
    assert [scalar(text) for text in ("web", "Deployment/shop/web", "100m", "1", "no", "null", "a b")] == [
        "web",
        "Deployment/shop/web",
        "100m",
        '"1"',
        "no",
        '"null"',
        '"a b"',
    ]

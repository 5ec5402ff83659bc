"""Configurations, good and bad, for the converter and for the schema alike; and how tests load them."""

from pathlib import Path
from typing import NamedTuple

import pytest

from policylint.config import Config
from policylint.config.file import load_config
from policylint.errors import ConfigError


class Good(NamedTuple):
    name: str
    text: str


class Bad(NamedTuple):
    """`message` is what a user reads. `schema` tells whether the published schema can refuse the same thing."""

    name: str
    text: str
    message: str
    schema: bool = True


GOOD = (
    Good("selection", "select: [KYV, all]\nignore: []\nprofile: pinned\nfail-on: info\nseverity: {KYV002: error}\n"),
    Good("profiles", "profile: [pinned, strict]\nper-file-ignores:\n  'examples/**': [IMG]\n"),
    Good("reading", "exclude: [vendor/, '!vendor/own.yaml']\nkubernetes-version: '1.31'\nkyverno-version: v1.13.2\n"),
    Good("policies", "policies: [policies/require-team.yaml, policies/best-practices]\n"),
    Good("crds", "crds: [vendor/crds, app/crd.yaml]\n"),
    Good("rules", "rule-paths: [lint]\nrules:\n  IMG001: {moving-tags: [latest], depth: 2, on: null}\n  KYV001: {}\n"),
    Good(
        "charts",
        """\
charts:
- &app
  path: charts/app
  values: one.yaml
  set: [image.tag=1, 'a=']
  release: shop
  namespace: shop
  kube-version: v1.31.2-eks-1
  api-versions: [monitoring.coreos.com/v1]
- <<: *app
  values: [one.yaml, two.yaml]
  set: {image.tag: 'a,{b}\\', replicas: 2, ratio: 0.5, debug: false, empty: ''}
""",
    ),
    Good(
        "cluster",
        """\
cluster:
  node-pools:
  - {name: default, count: 1, instance-type: t3.small, prefix-delegation: true}
  - name: batch
    count: 3
    max-pods: 110
    labels: {team: data, spot: ''}
    taints: [{key: spot, effect: NoSchedule}, {key: team, value: data, effect: NoExecute}]
    allocatable: {cpu: 2, memory: 3.5Gi, ephemeral-storage: 1e9}
  - {name: elsewhere, count: 2, provider: aks-azure-cni, instance-type: Standard_D4s_v5}
  - {name: large, count: 2, instance-type: m5.4xlarge, max-pods-policy: recommended, custom-networking: true}
  other-pods:
  - {name: aws-node, per: node}
  - {name: coredns, pods: 2}
  - {name: metrics-server}
  - {name: cart, owner: Deployment/shop/cart, pods: 3, pool: batch, requests: {cpu: 100m, nvidia.com/gpu: 1}}
  - {name: agent, per: node, pool: default, requests: {}}
  present:
  - apiVersion: v1
    kind: ResourceQuota
    metadata: {name: q, namespace: shop}
    spec: {hard: {pods: '5'}, scopes: [NotTerminating]}
    status: {used: {pods: '2'}}
  - {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b}}
  unknown: [other workloads]
""",
    ),
    Good(
        "suppressions",
        """\
suppressions:
- {rule: ROL001, reason: resized in the same change}
- rule: unpinned-image
  path: 'examples/**'
  resource: Pod/demo
  reason: shows what not to do
  until: 2030-12-31
baseline: baseline.json
""",
    ),
)

_POOL = "cluster:\n  node-pools:\n  - "
_OTHERS = _POOL + "{name: default, count: 1, max-pods: 1}\n  other-pods:\n  - "
_PRESENT = _POOL + "{name: default, count: 1, max-pods: 1}\n  present:\n  - "

BAD = (
    Bad("list", "- a\n", "1:1: the configuration takes a mapping, but is a list"),
    Bad("scalar", "hello\n", "1:1: the configuration takes a mapping, but is 'hello'"),
    Bad("unknown key", "fail-on: info\nselct: [KYV]\n", "2:1: unknown key 'selct'; did you mean 'select'?"),
    Bad(
        "underscore", "per_file_ignores: {}\n", "1:1: unknown key 'per_file_ignores'; did you mean 'per-file-ignores'?"
    ),
    Bad(
        "unknown nested key",
        "charts:\n- path: a\n  valuse: b\n",
        "3:3: unknown key 'valuse' in charts[0]; did you mean 'values'?",
    ),
    Bad(
        "unknown key like no other",
        "suppressions:\n- {zzz: 1}\n",
        "2:4: unknown key 'zzz' in suppressions[0]; known are rule, path, resource, reason, until",
    ),
    Bad("null", "select:\nignore: [KYV]\n", "1:1: select has no value: it takes a list of strings"),
    Bad("null item", "ignore: [KYV, ~]\n", "1:15: ignore[1] has no value: it takes a string"),
    Bad("empty string", "baseline: ' '\n", "1:11: baseline is empty: it takes a string with something in it"),
    Bad("empty select", "select: []\n", "1:1: select is empty: name something, or remove the key"),
    Bad("empty key", "severity: {'': error}\n", "1:12: severity has an empty key"),
    Bad("string for list", "ignore: KYV001\n", "1:9: ignore takes a list of strings, but is 'KYV001'"),
    Bad("mapping for list", "charts: {path: a}\n", "1:1: charts takes a list of charts, but is a mapping"),
    Bad("list for mapping", "rules: [IMG001]\n", "1:1: rules takes a mapping, but is a list"),
    Bad("number for string", "profile: 1\n", "1:10: profile takes a string or a list of strings, but is the number 1"),
    Bad("empty path of definitions", "crds: ['']\n", "1:8: crds[0] is empty: it takes a string with something in it"),
    Bad("number in list", "rule-paths: [1]\n", "1:14: rule-paths[0] takes a string in quotes, but is the number 1"),
    Bad(
        "bad enum",
        "fail-on: eror\n",
        "1:10: fail-on takes one of error, warning, info, but is 'eror'; did you mean 'error'?",
    ),
    Bad("severity off", "severity: {A: off}\n", "1:15: severity.A takes one of error, warning, info, but is 'off'"),
    Bad(
        "severity number",
        "severity: {A: 1}\n",
        "1:15: severity.A takes one of error, warning, info, but is the number 1",
    ),
    Bad(
        "version number",
        "kubernetes-version: 1.30\n",
        "1:21: kubernetes-version takes a string in quotes, but is the number 1.3",
    ),
    Bad(
        "version word",
        "kyverno-version: newest\n",
        "1:18: kyverno-version takes a version such as '1.31', but is 'newest'",
    ),
    Bad(
        "policies",
        "fail-on: info\npolicies: a.yaml\n",
        "2:11: policies takes a list of strings, but is 'a.yaml'",
    ),
    Bad(
        "options are a list",
        "rules:\n  IMG001: [latest]\n",
        "2:3: rules.IMG001 takes a mapping, but is a list",
    ),
    Bad(
        "empty file ignores",
        "per-file-ignores: {a: []}\n",
        "1:20: per-file-ignores.a is empty: name something, or remove the key",
    ),
    Bad("chart without path", "charts:\n- release: a\n", "2:3: charts[0] lacks the key 'path'"),
    Bad("set without value", "charts:\n- path: a\n  set: [b]\n", "3:9: charts[0].set[0] takes 'key=value', but is 'b'"),
    Bad(
        "nested set",
        "charts:\n- path: a\n  set: {b: {c: d}}\n",
        "3:9: charts[0].set.b takes a string, a number or a boolean (nested keys are written with dots),"
        " but is a mapping",
    ),
    Bad(
        "set is a string",
        "charts:\n- path: a\n  set: b=c\n",
        "3:8: charts[0].set takes a list of 'key=value' or a mapping, but is 'b=c'",
    ),
    Bad(
        "kube-version",
        "charts:\n- path: a\n  kube-version: latest\n",
        "3:17: charts[0].kube-version takes a version such as 'v1.31.0', but is 'latest'",
    ),
    Bad(
        "owner",
        _OTHERS + "{name: a, owner: Deployment/web}\n",
        "5:22: cluster.other-pods[0].owner takes an object as Kind/namespace/name, but is 'Deployment/web'",
    ),
    Bad(
        "requests",
        _OTHERS + "{name: a, requests: {cpu: -1}}\n",
        "5:31: cluster.other-pods[0].requests.cpu takes a string in quotes, but is the number -1",
    ),
    Bad(
        "unschedulable",
        _POOL + "{name: a, count: 1, max-pods: 1, unschedulable: 1}\n",
        "3:53: cluster.node-pools[0].unschedulable takes true or false, but is the number 1",
    ),
    Bad(
        "present kind",
        _PRESENT + "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n",
        "5:28: cluster.present[0].kind takes one of ResourceQuota, LimitRange, PodDisruptionBudget, "
        "HorizontalPodAutoscaler, but is 'Pod'",
    ),
    Bad(
        "present without a name",
        _PRESENT + "{apiVersion: v1, kind: LimitRange, metadata: {}}\n",
        "5:40: cluster.present[0].metadata lacks the key 'name'",
    ),
    Bad(
        "present without a kind",
        _PRESENT + "{apiVersion: v1, metadata: {name: a}}\n",
        "5:5: cluster.present[0] lacks the key 'kind'",
    ),
    Bad(
        "present with more",
        _PRESENT + "{apiVersion: v1, kind: LimitRange, metadata: {name: a}, data: {}}\n",
        "5:61: unknown key 'data' in cluster.present[0]",
    ),
    Bad(
        "present with a list",
        _PRESENT + "{apiVersion: v1, kind: LimitRange, metadata: {name: a}, spec: []}\n",
        "5:61: cluster.present[0].spec takes a mapping, but is a list",
    ),
    Bad("cluster without pools", "cluster: {}\n", "1:1: cluster lacks the key 'node-pools'"),
    Bad(
        "no pools",
        "cluster: {node-pools: []}\n",
        "1:11: cluster.node-pools is empty: a cluster has at least one node pool",
    ),
    Bad(
        "pool without capacity",
        _POOL + "{name: a, count: 1}\n",
        "3:5: cluster.node-pools[0] has no capacity: give it 'max-pods' (pods per node), 'instance-type' or 'provider'",
    ),
    Bad(
        "no such provider",
        _POOL + "{name: a, count: 1, provider: gcp}\n",
        "3:35: cluster.node-pools[0].provider takes one of gke, aks-kubenet, aks-azure-cni, aks-azure-cni-overlay, k3s,"
        " kubelet, but is 'gcp'",
    ),
    Bad(
        "prefixes elsewhere",
        _POOL + "{name: a, count: 1, provider: gke, prefix-delegation: true}\n",
        "3:5: cluster.node-pools[0] has both 'provider' and 'prefix-delegation', which is for EKS: remove one of them",
    ),
    Bad(
        "no such policy",
        _POOL + "{name: a, count: 1, instance-type: m5.large, max-pods-policy: managed}\n",
        "3:67: cluster.node-pools[0].max-pods-policy takes one of ami, recommended, but is 'managed'",
    ),
    Bad("pool without count", _POOL + "{name: a, max-pods: 1}\n", "3:5: cluster.node-pools[0] lacks the key 'count'"),
    Bad(
        "count of none",
        _POOL + "{name: a, count: 0, max-pods: 1}\n",
        "3:22: cluster.node-pools[0].count takes an integer from 1, but is the number 0",
    ),
    Bad(
        "count is true",
        _POOL + "{name: a, count: true, max-pods: 1}\n",
        "3:22: cluster.node-pools[0].count takes an integer from 1, but is true",
    ),
    Bad(
        "half a pod",
        _POOL + "{name: a, count: 1, max-pods: 1.5}\n",
        "3:35: cluster.node-pools[0].max-pods takes an integer from 1, but is the number 1.5",
    ),
    Bad(
        "flag",
        _POOL + "{name: a, count: 1, max-pods: 1, prefix-delegation: yes}\n",
        "3:57: cluster.node-pools[0].prefix-delegation takes true or false, but is 'yes'",
    ),
    Bad(
        "label",
        _POOL + "{name: a, count: 1, max-pods: 1, labels: {tier: 1}}\n",
        "3:53: cluster.node-pools[0].labels.tier takes a string in quotes, but is the number 1",
    ),
    Bad(
        "effect",
        _POOL + "{name: a, count: 1, max-pods: 1, taints: [{key: k, effect: noexecute}]}\n",
        "3:64: cluster.node-pools[0].taints[0].effect takes one of NoSchedule, PreferNoSchedule, NoExecute,"
        " but is 'noexecute'; did you mean 'NoExecute'?",
    ),
    Bad(
        "quantity",
        _POOL + "{name: a, count: 1, max-pods: 1, allocatable: {memory: 4GB}}\n",
        "3:60: cluster.node-pools[0].allocatable.memory takes a quantity such as '2', '1930m' or '4Gi', but is '4GB'",
    ),
    Bad(
        "both numbers of pods",
        _POOL + "{name: a, count: 1, max-pods: 1}\n  other-pods:\n  - {name: b, per: node, pods: 2}\n",
        "5:5: cluster.other-pods[0] has both 'per' and 'pods': give one of them",
    ),
    Bad(
        "per what",
        _POOL + "{name: a, count: 1, max-pods: 1}\n  other-pods:\n  - {name: b, per: zone}\n",
        "5:20: cluster.other-pods[0].per takes one of node, but is 'zone'",
    ),
    Bad("no reason", "suppressions:\n- rule: KYV001\n", "2:3: suppressions[0] lacks the key 'reason'"),
    Bad(
        "date in words",
        "suppressions:\n- {rule: A, reason: b, until: tomorrow}\n",
        "2:31: suppressions[0].until takes a date as YYYY-MM-DD, but is 'tomorrow'",
    ),
    Bad(
        "no such day",
        "suppressions:\n- {rule: A, reason: b, until: 2027-02-30}\n",
        "2:31: suppressions[0].until takes a date, but 2027-02-30 is none: day is out of range for month",
    ),
    Bad(
        "long value",
        f"fail-on: {'x' * 500}\n",
        f"1:10: fail-on takes one of error, warning, info, but is '{'x' * 76}...",
    ),
    Bad(
        "tab",
        "select:\n\t- KYV\n",
        "2:1: this is not YAML: a tab indents this line; YAML allows only spaces there"
        " while scanning for the next token from line 2",
        schema=False,
    ),
    Bad(
        "two documents",
        "fail-on: info\n---\nfail-on: error\n",
        "3:1: a configuration is one YAML document; a second one starts here",
        schema=False,
    ),
    Bad(
        "duplicate key",
        "fail-on: info\nignore: []\nfail-on: error\n",
        "3:1: the key 'fail-on' is given twice; the first one is on line 1",
        schema=False,
    ),
    Bad(
        "alias to itself",
        "rules: &a\n  b: *a\n",
        "1:8: this is not YAML: an anchor's value contains an alias to itself",
        schema=False,
    ),
    Bad(
        "pattern of nothing",
        "per-file-ignores:\n  '!a': [KYV]\n",
        "2:3: per-file-ignores: the pattern '!a' matches no file by itself",
        schema=False,
    ),
    Bad(
        "no pattern",
        "exclude: ['a\\']\n",
        "1:11: exclude: 'a\\\\' is not a path pattern as in .gitignore",
        schema=False,
    ),
)


def loaded(folder: Path, text: str, name: str = "policylint.yaml") -> Config:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return load_config(folder / name)


def refused(folder: Path, text: str | bytes, name: str = "policylint.yaml") -> str:
    """The message without the path, which must be the file's."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(folder / name)
    message = str(caught.value)
    prefix = f"{(folder / name).as_posix()}:"
    assert message.startswith(prefix)
    return message.removeprefix(prefix)

"""An example for every feature: a suite of one policy that uses it, and the result that it has to have."""

from collections.abc import Mapping
from typing import NamedTuple

TEST = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: example}
policies: [policy.yaml]
resources: [resource.yaml]
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}, annotations: {owner: team}}
spec:
  hostNetwork: true
  containers:
  - {name: a, image: "nginx:latest", resources: {limits: {memory: 2Gi}}}
  - {name: b, image: "busybox:1"}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: a, image: "nginx:latest"}]}}}
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: target, namespace: shop}\ndata: {a: b}\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n"
MATCH = "match: {any: [{resources: {kinds: [Pod]}}]}"
DENY = "validate: {deny: {}}"


class Example(NamedTuple):
    """`rule` is the body of the policy's only rule, unless `policy` is the whole; `result` what the suite expects."""

    rule: str = ""
    result: str = "fail"
    resource: str = POD
    suite: str = ""
    row: str = ""
    policy: str = ""
    spec: str = ""
    files: Mapping[str, str] = {}
    head: str = TEST
    about: str = "web"
    kind: str = ""

    def project(self) -> dict[str, str]:
        """The files of the suite."""
        kind = self.kind or self.resource.split("kind: ")[1].split("\n")[0]
        row = f"- {{policy: p, rule: r, kind: {kind}, resources: [{self.about}], result: {self.result}{self.row}}}\n"
        suite = f"{self.head}{self.suite}results:\n{row}"
        return {"kyverno-test.yaml": suite, "policy.yaml": self._policy(), "resource.yaml": self.resource, **self.files}

    def _policy(self) -> str:
        if self.policy:
            return self.policy
        rule = self.rule if "match:" in self.rule else f"{MATCH}\n{self.rule}"
        body = "".join(f"    {line}\n" for line in rule.splitlines())
        return f"{policy_of('ClusterPolicy', 'kyverno.io/v1')}spec:\n{self.spec}  rules:\n  - name: r\n{body}"


def policy_of(kind: str, api_version: str) -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: p, namespace: shop}}\n"


def cel(kind: str, group: str = "policies.kyverno.io/v1") -> Example:
    return Example(policy=policy_of(kind, group) + "spec: {}\n")


def when(key: str, operator: str, value: str) -> str:
    return f"preconditions: {{all: [{{key: {key}, operator: {operator}, value: {value}}}]}}\n{DENY}"


def equal(key: str, value: str) -> str:
    """A rule that fails when `key` comes to `value`."""
    return f"validate: {{deny: {{conditions: {{all: [{{key: {key}, operator: Equals, value: {value}}}]}}}}}}"


def matching(clause: str, kind: str = "Pod") -> str:
    return f"match: {{any: [{{resources: {{kinds: [{kind}]{clause}}}}}]}}\n{DENY}"


USER = "apiVersion: cli.kyverno.io/v1alpha1\nkind: UserInfo\nmetadata: {name: u}\nclusterRoles: [admin]\n"
SIGNED = "images:\n" + "".join(
    f'- {{image: "{image}", digest: "sha256:{digit * 64}", signedBy: [{{keys: {{publicKeys: "k8s://a/b"}}}}]}}\n'
    for image, digit in (("nginx:latest", "a"), ("busybox:1", "b"))
)
VERIFY = """\
verifyImages:
- imageReferences: ["*"]
  attestors: [{entries: [{keys: {publicKeys: "k8s://a/b"}}]}]"""
EXCEPTION = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e, namespace: shop}
spec:
  exceptions: [{policyName: p, ruleNames: [r]}]
  match: {any: [{resources: {kinds: [Pod]}}]}
"""
ON_NAMESPACE = "match: {any: [{resources: {kinds: [Namespace]}}]}\n"
GENERATED = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, namespace: web}\ndata: {a: b}\n"
SOURCE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, namespace: shop, labels: {copy: me}}\ndata: {a: b}\n"
PATCHED = POD.replace("labels: {app: web}", "labels: {app: web, made: here}")


def generated(body: str, *, clone: bool = False) -> Example:
    row = ", generatedResource: made.yaml" + (", cloneSourceResource: source.yaml" if clone else "")
    made = GENERATED.replace("namespace: web", "namespace: web, labels: {copy: me}") if clone else GENERATED
    files = {"made.yaml": made, "source.yaml": SOURCE}
    return Example(f"{ON_NAMESPACE}generate: {body}", "pass", NAMESPACE, row=row, files=files)


def mutated(body: str) -> Example:
    return Example(f"mutate: {body}", "pass", row=", patchedResources: patched.yaml", files={"patched.yaml": PATCHED})


def value_of(entry: str, name: str, value: str, **fields: str) -> Example:
    """A context entry whose value a suite declares."""
    suite = f"values: {{policies: [{{name: p, rules: [{{name: r, values: {{{name}: {value}}}}}]}}]}}\n"
    named = name.partition(".")[0]
    return Example(f"context: [{{name: {named}, {entry}}}]\n" + equal(f'"{{{{ {name} }}}}"', value), suite=suite)


EXAMPLES: dict[str, Example] = {
    "ClusterPolicy": Example(DENY),
    "Policy": Example(
        policy=policy_of("Policy", "kyverno.io/v1") + f"spec: {{rules: [{{name: r, {MATCH}, {DENY}}}]}}\n"
    ),
    "PolicyException of kyverno.io": Example(
        DENY, "skip", suite="exceptions: [exception.yaml]\n", files={"exception.yaml": EXCEPTION}
    ),
    "ValidatingPolicy": cel("ValidatingPolicy"),
    "MutatingPolicy": cel("MutatingPolicy"),
    "GeneratingPolicy": cel("GeneratingPolicy"),
    "DeletingPolicy": cel("DeletingPolicy"),
    "ImageValidatingPolicy": cel("ImageValidatingPolicy"),
    "ValidatingAdmissionPolicy": cel("ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1"),
    "MutatingAdmissionPolicy": cel("MutatingAdmissionPolicy", "admissionregistration.k8s.io/v1beta1"),
    "autogen for pod controllers": Example(
        'validate: {pattern: {spec: {containers: [{image: "!*:latest"}]}}}', resource=DEPLOYMENT
    ),
    "applyRules: One": Example(DENY, spec="  applyRules: One\n"),
    "webhookConfiguration.matchConditions": Example(
        DENY, spec="  webhookConfiguration: {matchConditions: [{name: m, expression: 'true'}]}\n"
    ),
    "any, all, and the form without them": Example(
        f"match: {{all: [{{resources: {{kinds: [Pod]}}}}, {{resources: {{names: [web]}}}}]}}\n"
        f"exclude: {{resources: {{names: [api]}}}}\n{DENY}"
    ),
    "kinds with groups, versions, subresources and wildcards": Example(matching("", '"v1/P*"')),
    "names, namespaces, labels, annotations": Example(
        matching(", names: [w*], namespaces: [shop], selector: {matchLabels: {app: web}}, annotations: {owner: '*'}")
    ),
    "namespaceSelector": Example(
        matching(", namespaceSelector: {matchLabels: {env: prod}}"),
        suite="values: {namespaceSelector: [{name: shop, labels: {env: prod}}]}\n",
    ),
    "operations": Example(matching(", operations: [DELETE]"), row=", operation: DELETE"),
    "subjects, roles, clusterRoles": Example(
        f"match: {{any: [{{resources: {{kinds: [Pod]}}, clusterRoles: [admin]}}]}}\n{DENY}",
        suite="userinfo: user.yaml\n",
        files={"user.yaml": USER},
    ),
    "preconditions with any, all, and the old list": Example(when("a", "Equals", "b"), "skip"),
    "operators on text, numbers, quantities, durations and ranges": Example(
        when('"{{ request.object.spec.containers[0].resources.limits.memory }}"', "GreaterThan", "1Gi")
    ),
    "nested variables, types of whole values, and escapes": Example(
        equal('"{{ request.object.metadata.labels.{{ request.object.metadata.labels.keys(@)[0] }} }}"', "web")
    ),
    "{{@}} and $( ) references": Example(
        "validate: {pattern: {metadata: {namespace: '{{ @ }}', name: '$(./../namespace)'}}}"
    ),
    "JMESPath with Kyverno's functions": Example(equal('"{{ to_upper(request.object.metadata.name) }}"', "WEB")),
    "is_external_url of host names": Example(equal("\"{{ is_external_url('https://example.com') }}\"", "true")),
    "variable": Example("context: [{name: found, variable: {value: web}}]\n" + equal('"{{ found }}"', "web")),
    "configMap": value_of("configMap: {name: c, namespace: d}", "cm.data.a", "b"),
    "apiCall": value_of("apiCall: {urlPath: /api/v1/namespaces, jmesPath: 'items[0].a'}", "answer", "b"),
    "imageRegistry": value_of("imageRegistry: {reference: nginx}", "image.manifest.a", "b"),
    "globalReference": value_of("globalReference: {name: g}", "shared.a", "b"),
    "pattern with all anchors": Example("validate: {pattern: {metadata: {(name): web, X(labels): null}}}"),
    "anyPattern": Example("validate: {anyPattern: [{metadata: {name: a}}, {metadata: {name: b}}]}"),
    "deny": Example(equal('"{{ request.object.metadata.name }}"', "web")),
    "foreach, nested too": Example(
        "validate: {foreach: [{list: 'request.object.spec.[containers]', foreach: [{list: element, "
        "deny: {conditions: {all: [{key: '{{ element1.image }}', operator: Equals, value: '*:latest'}]}}}]}]}"
    ),
    "podSecurity": Example("validate: {podSecurity: {level: baseline, version: latest}}"),
    "manifests": Example("validate: {manifests: {attestors: [{entries: [{keys: {publicKeys: a}}]}]}}"),
    "cel": Example("validate: {cel: {expressions: [{expression: 'true'}]}}"),
    "assert": Example("validate: {assert: {metadata: {name: web}}}"),
    "patchStrategicMerge with all anchors": mutated(
        "{patchStrategicMerge: {metadata: {(name): web, labels: {+(made): here}}}}"
    ),
    "patchesJson6902": mutated(
        '{patchesJson6902: \'[{"op": "add", "path": "/metadata/labels/made", "value": "here"}]\'}'
    ),
    "foreach": mutated(
        "{foreach: [{list: 'request.object.spec.containers', patchStrategicMerge: {metadata: {labels: {made: here}}}}]}"
    ),
    "targets: existing objects": Example(
        "mutate: {targets: [{apiVersion: v1, kind: ConfigMap, name: target, namespace: shop}], "
        "patchStrategicMerge: {data: {c: d}}}",
        "pass",
        suite="targetResources: [target.yaml]\n",
        row=", patchedResources: patched.yaml",
        about="target",
        kind="ConfigMap",
        files={"target.yaml": CONFIG_MAP, "patched.yaml": CONFIG_MAP.replace("a: b", "a: b, c: d")},
    ),
    "targets that are subresources": Example(
        "mutate: {targets: [{apiVersion: v1, kind: Pod/status, name: web, namespace: shop}], "
        "patchStrategicMerge: {status: {phase: a}}}",
        "pass",
    ),
    "data": generated("{apiVersion: v1, kind: ConfigMap, name: made, namespace: web, data: {data: {a: b}}}"),
    "clone": generated(
        "{apiVersion: v1, kind: ConfigMap, name: made, namespace: web, clone: {name: made, namespace: shop}}",
        clone=True,
    ),
    "cloneList": generated(
        "{namespace: web, cloneList: {namespace: shop, kinds: [v1/ConfigMap], selector: {matchLabels: {copy: me}}}}",
        clone=True,
    ),
    "foreach of generate": generated(
        "{foreach: [{list: \"['web']\", apiVersion: v1, kind: ConfigMap, name: made, namespace: '{{ element }}', "
        "data: {data: {a: b}}}]}"
    ),
    "attestors and attestations with declared signatures": Example(
        VERIFY,
        "pass",
        head=TEST.replace("{name: example}", "{name: example, annotations: {policylint.dev/signatures: s.yaml}}"),
        files={"s.yaml": SIGNED},
    ),
    "images of which nothing is declared": Example(VERIFY, "pass"),
    "variables, values, userinfo, operation": Example(
        equal('"{{ given }}"', "yes-it-is"),
        suite="values: {globalValues: {given: yes-it-is}}\n",
    ),
    "patchedResources and generatedResource": mutated("{patchStrategicMerge: {metadata: {labels: {made: here}}}}"),
    "the old schema without apiVersion and kind": Example(
        DENY, head="name: example\npolicies: [policy.yaml]\nresources: [resource.yaml]\n"
    ),
}

"""Policies to measure with: twelve sorts in turn, of Kyverno and of sigstore, always the same.

`python benchmarks/policies.py FOLDER POLICIES` writes them, five to a file.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

POLICIES_PER_FILE = 5

_HEAD = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: {name}
  annotations:
    policies.kyverno.io/title: What team-{team} asks of {name}
    policies.kyverno.io/description: >-
      Agreed upon with everybody who is concerned,
      and reviewed every year.
spec:
  background: {background}
  rules:
"""
_PATTERN = (
    _HEAD
    + """\
  - name: labels
    match: {{any: [{{resources: {{kinds: [Pod], namespaces: ["team-{team}"]}}}}]}}
    exclude: {{any: [{{resources: {{selector: {{matchLabels: {{exempt-{name}: "true"}}}}}}}}]}}
    validate:
      failureAction: Enforce
      message: "The label {name} is required."
      pattern:
        metadata: {{labels: {{{name}: "?*"}}}}
        spec:
          =(securityContext): {{=(runAsNonRoot): true}}
          containers:
          - name: "*"
            image: "!*:latest"
            resources: {{requests: {{memory: "?*", cpu: "?*"}}, limits: {{memory: "<=4Gi"}}}}
"""
)
_DENY = (
    _HEAD
    + """\
  - name: owners
    match: {{any: [{{resources: {{kinds: [Deployment, StatefulSet], operations: [CREATE, UPDATE]}}}}]}}
    context:
    - name: owners
      configMap: {{name: owners-{name}, namespace: team-{team}}}
    - name: quotas
      apiCall:
        urlPath: "/api/v1/namespaces/{{{{request.namespace}}}}/resourcequotas"
        jmesPath: "items[].metadata.name"
    preconditions:
      all:
      - {{key: "{{{{ request.operation || 'BACKGROUND' }}}}", operator: NotEquals, value: DELETE}}
    validate:
      failureAction: Enforce
      message: "{{{{ request.object.metadata.name }}}} has no owner."
      deny:
        conditions:
          any:
          - key: "{{{{ request.object.metadata.labels.owner || '' }}}}"
            operator: AnyNotIn
            value: "{{{{ owners.data.list }}}}"
          - {{key: "{{{{ length(quotas) }}}}", operator: LessThan, value: 1}}
"""
)
_FOREACH = (
    _HEAD
    + """\
  - name: registries
    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
    validate:
      failureAction: Audit
      message: "Images come from registry-{team}.example.com."
      foreach:
      - list: "request.object.spec.[initContainers, containers][]"
        context:
        - name: registry
          variable: {{jmesPath: "images.containers.\\"{{{{element.name}}}}\\".registry", default: ""}}
        deny:
          conditions:
            all:
            - {{key: "{{{{ registry }}}}", operator: NotEquals, value: registry-{team}.example.com}}
"""
)
_POD_SECURITY = (
    _HEAD
    + """\
  - name: baseline
    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
    validate:
      failureAction: Enforce
      podSecurity:
        level: baseline
        version: latest
        exclude:
        - controlName: Capabilities
          images: ["registry.example.com/{name}*"]
"""
)
_MUTATE = (
    _HEAD
    + """\
  - name: defaults
    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
    mutate:
      patchStrategicMerge:
        metadata: {{labels: {{+(team): team-{team}}}}}
        spec:
          containers:
          - (name): "*"
            +(imagePullPolicy): IfNotPresent
  - name: tolerations
    match: {{any: [{{resources: {{kinds: [Deployment]}}}}]}}
    mutate:
      patchesJson6902: |-
        - op: add
          path: /spec/template/spec/tolerations/-
          value: {{key: {name}, operator: Exists}}
"""
)
_GENERATE = (
    _HEAD
    + """\
  - name: network
    match: {{any: [{{resources: {{kinds: [Namespace], names: ["team-{team}-*"]}}}}]}}
    generate:
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      name: {name}
      namespace: "{{{{request.object.metadata.name}}}}"
      synchronize: true
      data:
        spec: {{podSelector: {{}}, policyTypes: [Ingress, Egress]}}
"""
)
_VERIFY = (
    _HEAD
    + """\
  - name: signed
    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
    verifyImages:
    - imageReferences: ["registry.example.com/{name}*"]
      failureAction: {action}
      attestors:
      - count: 1
        entries:
        - keyless:
            issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/example/{name}/.github/workflows/release.yaml@refs/heads/main
            rekor: {{url: https://rekor.sigstore.dev}}
        - keys:
            publicKeys: |-
              -----BEGIN PUBLIC KEY-----
              MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQBjraQ7aXudIDKVTbYWaLKMz77xG
              Gpo0z9qyZOncz/fiQ8nLtIrle2nB2EjAl4t9Flv1tjy/9fXAwXtlQx+U2Q==
              -----END PUBLIC KEY-----
      attestations:
      - type: https://slsa.dev/provenance/v1
        conditions:
        - all:
          - {{key: "{{{{ buildDefinition.buildType }}}}", operator: Equals, value: https://example.com/{name}}}
"""
)
_CEL = (
    _HEAD
    + """\
  - name: replicas
    match: {{any: [{{resources: {{kinds: [Deployment]}}}}]}}
    validate:
      failureAction: Enforce
      cel:
        expressions:
        - expression: "object.spec.replicas <= {team} + 3"
          message: "Too many replicas for team-{team}."
        - expression: "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.com/'))"
"""
)
_EXCEPTION = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {{name: {name}, namespace: team-{team}}}
spec:
  exceptions:
  - {{policyName: {previous}, ruleNames: [labels]}}
  match: {{any: [{{resources: {{kinds: [Pod, Deployment], namespaces: ["team-{team}"], names: ["legacy-*"]}}}}]}}
"""
_VALIDATING = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: {name}}}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules:
    - {{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}}
  variables:
  - name: containers
    expression: >-
      object.spec.template.spec.containers + object.spec.template.spec.?initContainers.orValue([])
  validations:
  - expression: "variables.containers.all(c, c.image.contains('@sha256:'))"
    messageExpression: "'images of ' + object.metadata.name + ' are not pinned'"
"""
_IMAGES = """\
apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {{name: {name}}}
spec:
  webhookConfiguration: {{timeoutSeconds: 20}}
  matchConstraints:
    resourceRules:
    - {{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}}
  matchImageReferences:
  - glob: registry.example.com/{name}*
  attestors:
  - name: release
    cosign:
      keyless:
        identities:
        - issuer: https://token.actions.githubusercontent.com
          subject: https://github.com/example/{name}/.github/workflows/release.yaml@refs/heads/main
      ctlog: {{url: https://rekor.sigstore.dev}}
  validations:
  - expression: >-
      (images.containers + images.initContainers + images.ephemeralContainers)
      .map(i, verifyImageSignatures(i, [attestors.release])).all(n, n > 0)
"""
_CLUSTER_IMAGE = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {{name: {name}}}
spec:
  images:
  - glob: registry.example.com/{name}/**
  authorities:
  - keyless:
      url: https://fulcio.sigstore.dev
      identities:
      - issuer: https://token.actions.githubusercontent.com
        subjectRegExp: ^https://github\\.com/example/{name}/\\.github/workflows/.+@refs/heads/main$
    ctlog: {{url: https://rekor.sigstore.dev}}
    attestations:
    - {{name: provenance, predicateType: slsaprovenance}}
"""

_SORTS = (
    _PATTERN,
    _DENY,
    _FOREACH,
    _POD_SECURITY,
    _MUTATE,
    _GENERATE,
    _VERIFY,
    _CEL,
    _EXCEPTION,
    _VALIDATING,
    _IMAGES,
    _CLUSTER_IMAGE,
)
SORTS = len(_SORTS)


def policies(number: int) -> Iterator[tuple[str, str]]:
    """Names and texts of files that hold `number` policies in all."""
    for file, start in enumerate(range(0, number, POLICIES_PER_FILE)):
        stop = min(start + POLICIES_PER_FILE, number)
        yield f"team-{file % 40}/policies-{file:05}.yaml", "---\n".join(map(_policy, range(start, stop)))


def write_policies(folder: Path, number: int) -> int:
    """Writes them below `folder`; returns how many characters they have."""
    size = 0
    for name, text in policies(number):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        size += len(text)
    return size


def _policy(number: int) -> str:
    return _SORTS[number % SORTS].format(
        name=f"policy-{number}",
        previous=f"policy-{number - 8}",  # a pattern policy
        team=number % 40,
        background="true" if number % SORTS != 1 else "false",
        # every tenth of those that verify is refused: what audits must not set digests
        action="Audit" if number // SORTS % 10 == 0 else "Enforce",
    )


if __name__ == "__main__":
    written = write_policies(Path(sys.argv[1]), int(sys.argv[2]))
    print(f"{written / 1e6:.1f} MB")

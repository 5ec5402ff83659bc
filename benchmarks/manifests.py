"""Manifests to measure with: mixed kinds, several documents in a file, comments and block scalars, always the same.

`python benchmarks/manifests.py FOLDER DOCUMENTS` writes them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

DOCUMENTS_PER_FILE = 5

_DEPLOYMENT = """\
# {name}: the part of the shop that answers {name} requests
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: team-{team}
  labels: {{app.kubernetes.io/name: {name}, app.kubernetes.io/part-of: shop}}
  annotations:
    example.com/owner: "team-{team}"
    example.com/notes: |
      Restart it with care: caches take a minute to fill.
      Ask team-{team} before scaling below {replicas}.
spec:
  replicas: {replicas}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      serviceAccountName: {name}
      securityContext: {{runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001}}
      initContainers:
        - name: migrate
          image: {image}
          command: ["/bin/sh", "-c"]
          args:
            - |
              set -eu
              /app/migrate --to latest
              echo "migrated"
      containers:
        - name: {name}
          image: {image}
          imagePullPolicy: IfNotPresent
          ports:
            - {{name: http, containerPort: 8080}}
            - {{name: metrics, containerPort: 9090}}
          env:
            - name: LOG_LEVEL
              value: info
            - name: DATABASE_PASSWORD
              valueFrom:
                secretKeyRef: {{name: {name}-database, key: password}}
          envFrom:
            - configMapRef: {{name: {name}}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
          # slow to start, since it reads the whole catalogue
          startupProbe:
            httpGet: {{path: /healthz, port: http}}
            failureThreshold: 30
            periodSeconds: 2
          readinessProbe:
            httpGet: {{path: /readyz, port: http}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {{}}
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: {name}
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
    - name: metrics  # scraped every 30 s
      port: 9090
      targetPort: metrics
"""
_CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: team-{team}
data:
  FEATURES: "search,basket,checkout"
  application.yaml: |
    server:
      port: 8080
      shutdown: graceful
    cache:
      size: {replicas}000
      # seconds
      ttl: 300
  nginx.conf: |-
    location / {{
      proxy_pass http://{name}:80;
      proxy_read_timeout 30s;
    }}
"""
_CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}-cleanup
  namespace: team-{team}
spec:
  schedule: "17 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: cleanup
              image: {image}
              args:
                - --older-than=30d
                - --dry-run=false
              resources:
                requests: {{cpu: 50m, memory: 64Mi}}
"""
_STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {name}-database
  namespace: team-{team}
spec:
  serviceName: {name}-database
  replicas: {replicas}
  selector:
    matchLabels: {{app.kubernetes.io/name: {name}-database}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: {name}-database}}
    spec:
      containers:
        - name: database
          image: registry.example.com/postgres:16.4
          env:
            - {{name: PGDATA, value: /var/lib/postgresql/data/pgdata}}
          livenessProbe:
            exec:
              command: [pg_isready, -U, postgres]
          volumeMounts:
            - name: data
              mountPath: /var/lib/postgresql/data
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: 10Gi
"""
_NETWORK_POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {name}
  namespace: team-{team}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {name}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels: {{kubernetes.io/metadata.name: ingress}}
      ports:
        - {{protocol: TCP, port: 8080}}
  egress:
    # names must be resolved
    - to:
        - namespaceSelector: {{}}
      ports:
        - {{protocol: UDP, port: 53}}
"""
_INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  namespace: team-{team}
  annotations:
    cert-manager.io/cluster-issuer: letsencrypt
spec:
  ingressClassName: nginx
  tls:
    - hosts: ["{name}.example.com"]
      secretName: {name}-tls
  rules:
    - host: {name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service: {{name: {name}, port: {{name: http}}}}
"""
_AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  namespace: team-{team}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
  minReplicas: {replicas}
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {{type: Utilization, averageUtilization: 70}}
"""
_ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {name}
  namespace: team-{team}
rules:
  - apiGroups: [""]
    resources: [configmaps]
    resourceNames: [{name}]
    verbs: [get, watch]
"""
_POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: {name}-images
  annotations:
    policies.kyverno.io/title: Images of {name} are signed
    policies.kyverno.io/description: >-
      What runs in team-{team} is built by its own pipeline,
      and nothing else is.
spec:
  background: false
  webhookConfiguration:
    timeoutSeconds: 20
  rules:
    - name: verify
      match:
        any:
          - resources:
              kinds: [Pod]
              namespaces: [team-{team}]
      verifyImages:
        - imageReferences: ["registry.example.com/{name}*"]
          failureAction: Enforce
          attestors:
            - entries:
                - keyless:
                    issuer: https://token.actions.githubusercontent.com
                    subject: https://github.com/example/{name}/*
"""

# one file of an application takes five in a row, so that kinds meet in changing company
_KINDS = (
    _DEPLOYMENT,
    _SERVICE,
    _CONFIG_MAP,
    _NETWORK_POLICY,
    _INGRESS,
    _DEPLOYMENT,
    _CRON_JOB,
    _ROLE,
    _STATEFUL_SET,
    _AUTOSCALER,
    _POLICY,
)


KINDS = len(_KINDS)


def manifests(documents: int) -> Iterator[tuple[str, str]]:
    """Names and texts of files that hold `documents` manifests in all."""
    for number, start in enumerate(range(0, documents, DOCUMENTS_PER_FILE)):
        stop = min(start + DOCUMENTS_PER_FILE, documents)
        yield (
            f"team-{number % 40}/app-{number:05}.yaml",
            "---\n".join(_manifest(number, index) for index in range(start, stop)),
        )


def write_manifests(folder: Path, documents: int) -> int:
    """Writes them below `folder`; returns how many characters they have."""
    size = 0
    for name, text in manifests(documents):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        size += len(text)
    return size


def _manifest(number: int, index: int) -> str:
    # some are found fault with, as in any project: every twentieth application runs what moves
    tag = "latest" if number % 20 == 0 else f"1.{number % 30}.{index % 7}"
    return _KINDS[index % len(_KINDS)].format(
        name=f"app-{number}",
        team=number % 40,
        replicas=1 + number % 4,
        image=f"registry.example.com/app-{number}:{tag}",
    )


if __name__ == "__main__":
    written = write_manifests(Path(sys.argv[1]), int(sys.argv[2]))
    print(f"{written / 1e6:.1f} MB")

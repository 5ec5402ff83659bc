"""A chart as large as those that people deploy: components, subcharts with aliases and conditions, a library, hooks.

The templates are written as charts in the wild are: names and labels from helpers, settings through `toYaml`, `with`,
`range` and `tpl`, whole objects from a library, defaults in helpers.
"""

from pathlib import Path

COMPONENTS = ("web", "api", "worker", "scheduler", "mailer")
STATEFUL = ("store", "queue")

_CHART = """\
apiVersion: v2
name: platform
version: 3.2.1
appVersion: "2.8"
dependencies:
- {name: cache, version: 1.0.0, alias: sessions, condition: sessions.enabled}
- {name: cache, version: 1.0.0, alias: pages, condition: pages.enabled}
- {name: metrics, version: 1.0.0, condition: metrics.enabled}
- {name: common, version: 1.0.0}
"""

_HELPERS = """\
{{- define "platform.fullname" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "platform.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "platform.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "platform.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "platform.image" -}}
{{- $registry := .root.Values.global.registry | default "registry.example.com" -}}
{{ printf "%s/%s:%s" $registry .image.repository (.image.tag | default .root.Chart.AppVersion) }}
{{- end }}

{{- define "platform.strategy" -}}
{{- if .strategy }}
{{- toYaml .strategy }}
{{- else }}
type: RollingUpdate
rollingUpdate:
  maxSurge: {{ .rollout.maxSurge }}
  maxUnavailable: {{ .rollout.maxUnavailable }}
{{- end }}
{{- end }}
"""

_DEPLOYMENT = """\
{{- if .Values.NAME.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "platform.fullname" . }}-NAME
  labels:
    {{- include "platform.labels" . | nindent 4 }}
    app.kubernetes.io/component: NAME
  {{- with .Values.NAME.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if not .Values.NAME.autoscaling.enabled }}
  replicas: {{ .Values.NAME.replicas }}
  {{- end }}
  revisionHistoryLimit: {{ .Values.revisionHistoryLimit | default 5 }}
STRATEGY
  selector:
    matchLabels:
      {{- include "platform.selector" . | nindent 6 }}
      app.kubernetes.io/component: NAME
  template:
    metadata:
      annotations:
        checksum/config: {{ include (print $.Template.BasePath "/NAME/configmap.yaml") . | sha256sum }}
        {{- range $key, $value := .Values.podAnnotations }}
        {{ $key }}: {{ $value | quote }}
        {{- end }}
      labels:
        {{- include "platform.selector" . | nindent 8 }}
        app.kubernetes.io/component: NAME
    spec:
      {{- with .Values.global.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      serviceAccountName: {{ include "platform.fullname" . }}-NAME
      securityContext:
        {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
      - name: NAME
        image: {{ include "platform.image" (dict "root" . "image" .Values.NAME.image) | quote }}
        imagePullPolicy: {{ .Values.NAME.image.pullPolicy | default "IfNotPresent" }}
        {{- if .Values.NAME.command }}
        command: {{ toJson .Values.NAME.command }}
        {{- end }}
        env:
        - name: COMPONENT
          value: NAME
        {{- range .Values.NAME.env }}
        - name: {{ .name }}
          value: {{ tpl .value $ | quote }}
        {{- end }}
        envFrom:
        - configMapRef:
            name: {{ include "platform.fullname" . }}-NAME
        ports:
        {{- range $name, $port := .Values.NAME.ports }}
        - name: {{ $name }}
          containerPort: {{ $port }}
          protocol: TCP
        {{- end }}
        {{- if .Values.probes.enabled }}
        livenessProbe:
          httpGet: {path: {{ .Values.probes.path }}, port: http}
          initialDelaySeconds: {{ .Values.probes.delay }}
        readinessProbe:
          httpGet: {path: {{ .Values.probes.path }}, port: http}
        {{- end }}
        resources:
          {{- toYaml .Values.NAME.resources | nindent 10 }}
        volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- with .Values.NAME.volumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      volumes:
      - name: tmp
        emptyDir: {}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}
"""

# how charts let their users choose a strategy; the last one does not
_STRATEGIES = {
    "web": "  strategy:\n    rollingUpdate:\n      maxSurge: {{ .Values.web.rollout.maxSurge }}\n"
    "      maxUnavailable: {{ .Values.web.rollout.maxUnavailable }}",
    "api": "  {{- with .Values.api.strategy }}\n  strategy:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}",
    "worker": '  strategy:\n    {{- include "platform.strategy" .Values.worker | nindent 4 }}',
    "scheduler": "  {{- with .Values.global.rollout }}\n  strategy:\n    rollingUpdate:\n      maxSurge: {{ .surge }}\n"
    "      maxUnavailable: {{ .unavailable }}\n  {{- end }}",
    "mailer": "  strategy:\n    rollingUpdate:\n      maxSurge: 1\n      maxUnavailable: 0",
}

_PARTS = {
    "configmap": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "platform.fullname" . }}-NAME
  labels:
    {{- include "platform.labels" . | nindent 4 }}
data:
  LOG_LEVEL: {{ .Values.logLevel | quote }}
  {{- range $key, $value := .Values.NAME.config }}
  {{ $key | upper }}: {{ $value | quote }}
  {{- end }}
  settings.ini: |
    [server]
    host = {{ tpl .Values.host . }}
    {{- range .Values.features }}
    feature = {{ . }}
    {{- end }}
""",
    "service": """\
apiVersion: v1
kind: Service
metadata:
  name: {{ include "platform.fullname" . }}-NAME
  labels:
    {{- include "platform.labels" . | nindent 4 }}
spec:
  type: {{ .Values.NAME.service.type }}
  ports:
  {{- range $name, $port := .Values.NAME.ports }}
  - port: {{ $port }}
    targetPort: {{ $name }}
    protocol: TCP
    name: {{ $name }}
  {{- end }}
  selector:
    {{- include "platform.selector" . | nindent 4 }}
    app.kubernetes.io/component: NAME
""",
    "hpa": """\
{{- if .Values.NAME.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "platform.fullname" . }}-NAME
  labels:
    {{- include "platform.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "platform.fullname" . }}-NAME
  minReplicas: {{ .Values.NAME.autoscaling.min }}
  maxReplicas: {{ .Values.NAME.autoscaling.max }}
  metrics:
  {{- if .Values.NAME.autoscaling.cpu }}
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: {{ .Values.NAME.autoscaling.cpu }}
  {{- end }}
{{- end }}
""",
    "pdb": """\
{{- with .Values.NAME.budget }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "platform.fullname" $ }}-NAME
spec:
  {{- toYaml . | nindent 2 }}
  selector:
    matchLabels:
      {{- include "platform.selector" $ | nindent 6 }}
      app.kubernetes.io/component: NAME
{{- end }}
""",
    "serviceaccount": """\
{{- if .Values.serviceAccounts.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "platform.fullname" . }}-NAME
  labels: {{- include "platform.labels" . | nindent 4 }}
automountServiceAccountToken: {{ .Values.serviceAccounts.mount }}
{{- end }}
""",
    "networkpolicy": """\
{{- if .Values.networkPolicies }}
{{- $full := include "platform.fullname" . }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $full }}-NAME
  labels:
    {{- include "platform.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "platform.selector" . | nindent 6 }}
      app.kubernetes.io/component: NAME
  policyTypes: [Ingress]
  ingress:
  - from:
    {{- range .Values.NAME.clients }}
    - podSelector:
        matchLabels:
          app.kubernetes.io/component: {{ . }}
    {{- else }}
    - podSelector: {}
    {{- end }}
    ports:
    {{- range $name, $port := .Values.NAME.ports }}
    - port: {{ $name }}
    {{- end }}
{{- end }}
""",
}

_STATEFULSET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "platform.fullname" . }}-NAME
  labels:
    {{- include "platform.labels" . | nindent 4 }}
  annotations:
    helm.sh/resource-policy: keep
spec:
  replicas: {{ .Values.NAME.replicas }}
  serviceName: {{ include "platform.fullname" . }}-NAME
  updateStrategy:
    {{- toYaml .Values.NAME.updateStrategy | nindent 4 }}
  selector:
    matchLabels:
      {{- include "platform.selector" . | nindent 6 }}
      app.kubernetes.io/component: NAME
  template:
    metadata:
      labels:
        {{- include "platform.selector" . | nindent 8 }}
        app.kubernetes.io/component: NAME
    spec:
      containers:
      - name: NAME
        image: {{ include "platform.image" (dict "root" . "image" .Values.NAME.image) }}
        resources: {{- toYaml .Values.NAME.resources | nindent 10 }}
        volumeMounts:
        - {name: data, mountPath: /data}
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: {{ .Values.NAME.storage }}
"""

_OTHERS = {
    "templates/hooks/migrate.yaml": """\
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "platform.fullname" . }}-migrate
  annotations:
    helm.sh/hook: pre-upgrade,pre-install
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: migrate
        image: {{ include "platform.image" (dict "root" . "image" .Values.api.image) }}
        args: [migrate]
""",
    "templates/hooks/seed.yaml": """\
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "platform.fullname" . }}-seed-{{ randAlphaNum 5 | lower }}
  annotations: {helm.sh/hook: post-install, helm.sh/hook-weight: "1"}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: seed
        image: {{ include "platform.image" (dict "root" . "image" .Values.api.image) }}
""",
    "templates/tests/connection.yaml": """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "platform.fullname" . }}-test
  annotations: {helm.sh/hook: test}
spec:
  restartPolicy: Never
  containers:
  - name: wget
    image: registry.example.com/busybox:1.36
    args: [wget, {{ printf "%s-web:80" (include "platform.fullname" .) | quote }}]
""",
    "templates/cron.yaml": """\
{{- range $name, $job := .Values.crons }}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "platform.fullname" $ }}-{{ $name }}
  labels:
    {{- include "platform.labels" $ | nindent 4 }}
spec:
  schedule: {{ $job.schedule | quote }}
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
          - name: {{ $name }}
            image: {{ include "platform.image" (dict "root" $ "image" $.Values.worker.image) }}
            args:
            {{- range $job.args }}
            - {{ . | quote }}
            {{- end }}
{{- end }}
""",
    "templates/secret.yaml": """\
{{- $existing := lookup "v1" "Secret" .Release.Namespace (include "platform.fullname" .) }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "platform.fullname" . }}
type: Opaque
data:
  {{- if $existing }}
  token: {{ index $existing.data "token" }}
  {{- else }}
  token: {{ randAlphaNum 32 | b64enc }}
  {{- end }}
""",
    "templates/ingress.yaml": """\
{{- if .Values.ingress.enabled }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "platform.fullname" . }}
  {{- with .Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  rules:
  {{- range .Values.ingress.hosts }}
  - host: {{ tpl .host $ | quote }}
    http:
      paths:
      {{- range .paths }}
      - path: {{ .path }}
        pathType: {{ .type | default "Prefix" }}
        backend:
          service:
            name: {{ include "platform.fullname" $ }}-{{ .component }}
            port:
              name: http
      {{- end }}
  {{- end }}
{{- end }}
""",
    "templates/rbac.yaml": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ include "platform.fullname" . }}
rules:
{{- range .Values.rbac.rules }}
- apiGroups: {{ toJson .groups }}
  resources: {{ toJson .resources }}
  verbs: {{ toJson .verbs }}
{{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ include "platform.fullname" . }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "platform.fullname" . }}
subjects:
{{- range $component := list "web" "api" "worker" }}
- kind: ServiceAccount
  name: {{ include "platform.fullname" $ }}-{{ $component }}
{{- end }}
""",
    "templates/extra.yaml": """\
{{- range .Values.extraObjects }}
---
{{ tpl (toYaml .) $ }}
{{- end }}
""",
    "templates/agent.yaml": '{{- include "common.daemonset" (dict "root" . "name" "agent" "values" .Values.agent) }}\n',
    "templates/NOTES.txt": "Open {{ tpl .Values.host . }}\n",
    "crds/widget.yaml": """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
""",
    "charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n",
    "charts/common/templates/_daemonset.tpl": """\
{{- define "common.daemonset" -}}
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}
spec:
  selector:
    matchLabels: {app: {{ .name }}}
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: {{ .values.maxSurge }}
      maxUnavailable: {{ .values.maxUnavailable }}
  template:
    metadata:
      labels: {app: {{ .name }}}
    spec:
      containers:
      - name: {{ .name }}
        image: {{ .values.image | quote }}
{{- end }}
""",
    "charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
    "charts/cache/values.yaml": """\
replicas: 1
image: registry.example.com/cache:7.2
strategy:
  type: RollingUpdate
  rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
""",
    "charts/cache/templates/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicas }}
  strategy: {{- toYaml .Values.strategy | nindent 4 }}
  selector:
    matchLabels: {app: {{ .Chart.Name }}}
  template:
    metadata:
      labels: {app: {{ .Chart.Name }}}
    spec:
      containers:
      - name: cache
        image: {{ .Values.image | quote }}
""",
    "charts/cache/templates/service.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  ports:
  - port: 6379
  selector: {app: {{ .Chart.Name }}}
""",
    "charts/metrics/Chart.yaml": "apiVersion: v2\nname: metrics\nversion: 1.0.0\n",
    "charts/metrics/templates/deployment.yaml": "{{ fail `a disabled subchart is not rendered` }}\n",
    "ci/ha-values.yaml": "web: {replicas: 3}\napi: {replicas: 2}\n",
    "ci/one-values.yaml": "ingress: {enabled: false}\nweb: {autoscaling: {enabled: false}}\n",
    "ci/scaled-values.yaml": "web: {autoscaling: {enabled: true}}\nnodeSelector: {kubernetes.io/os: linux}\n",
}

_VALUES = """\
global:
  registry: ""
  imagePullSecrets: []
  rollout: {surge: 1, unavailable: 0}
commonLabels: {team: platform}
podAnnotations: {example.com/scrape: "true"}
podSecurityContext: {runAsNonRoot: true}
revisionHistoryLimit: 3
logLevel: info
host: '{{ .Release.Name }}.example.com'
features: [search, export]
networkPolicies: true
nodeSelector: {}
tolerations: []
probes: {enabled: true, path: /healthz, delay: 5}
serviceAccounts: {create: true, mount: false}
ingress:
  enabled: true
  annotations: {}
  hosts:
  - host: '{{ .Values.host }}'
    paths:
    - {path: /, component: web}
    - {path: /api, component: api, type: Exact}
rbac:
  rules:
  - {groups: [""], resources: [configmaps], verbs: [get, list]}
crons:
  cleanup: {schedule: "0 3 * * *", args: [clean, --all]}
  report: {schedule: "0 6 * * 1", args: [report]}
extraObjects:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: '{{ .Release.Name }}-extra'}
agent:
  image: registry.example.com/agent:1.4
  maxSurge: 0
  maxUnavailable: 1
sessions: {enabled: true}
pages: {enabled: true, replicas: 2}
metrics: {enabled: false}
"""

_COMPONENT_VALUES = """\
NAME:
  enabled: true
  replicas: 1
  image: {repository: platform/NAME, tag: ""}
  annotations: {}
  command: []
  env:
  - {name: HOST, value: '{{ .Values.host }}'}
  ports: {http: 8080, admin: 9090}
  config: {workers: 4, mode: fast}
  service: {type: ClusterIP}
  autoscaling: {enabled: false, min: 2, max: 6, cpu: 70}
  budget: {maxUnavailable: 1}
  clients: [web]
  resources:
    requests: {cpu: 100m, memory: 64Mi}
    limits: {memory: 128Mi}
  volumeMounts: []
"""

_OWN_VALUES = {
    "web": "  rollout:\n    maxSurge: 1\n    maxUnavailable: 0\n",
    "api": "  strategy:\n    rollingUpdate:\n      maxSurge: 1\n      maxUnavailable: 0\n",
    "worker": "  rollout: {maxSurge: 1, maxUnavailable: 0}\n",
    "scheduler": "",
    "mailer": "",
}

_STATEFUL_VALUES = """\
NAME:
  replicas: 2
  image: {repository: platform/NAME, tag: "15"}
  storage: 1Gi
  ports: {tcp: 5432}
  service: {type: ClusterIP}
  config: {}
  clients: [api]
  budget: {maxUnavailable: 1}
  resources: {requests: {cpu: 100m}}
  updateStrategy: {type: RollingUpdate}
"""


def files() -> dict[str, str]:
    """The chart's files by their path in it."""
    found = {"Chart.yaml": _CHART, "templates/_helpers.tpl": _HELPERS, **_OTHERS}
    values = _VALUES
    for name in COMPONENTS:
        deployment = _DEPLOYMENT.replace("STRATEGY", _STRATEGIES[name]).replace("NAME", name)
        found[f"templates/{name}/deployment.yaml"] = deployment
        for part, text in _PARTS.items():
            found[f"templates/{name}/{part}.yaml"] = text.replace("NAME", name)
        values += _COMPONENT_VALUES.replace("NAME", name) + _OWN_VALUES[name]
    for name in STATEFUL:
        found[f"templates/{name}/statefulset.yaml"] = _STATEFULSET.replace("NAME", name)
        for part in ("configmap", "service", "pdb", "serviceaccount", "networkpolicy"):
            found[f"templates/{name}/{part}.yaml"] = _PARTS[part].replace("NAME", name)
        values += _STATEFUL_VALUES.replace("NAME", name)
    return {**found, "values.yaml": values}


def write_chart(folder: Path) -> Path:
    """Writes the chart to `folder` and returns it."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder

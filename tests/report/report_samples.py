"""Sample reports, and the files they are about, for the tests of every format."""

from policylint.model import (
    Counts,
    Edit,
    Finding,
    InternalError,
    Location,
    NotJudged,
    Related,
    Rendered,
    Report,
    ResourceId,
    TextFix,
)
from policylint.report import RenderOptions, RuleInfo

DOCS = "https://policylint.dev/rules"

FILES = {
    "policies/verify.yaml": (
        "apiVersion: kyverno.io/v1\n"
        "kind: ClusterPolicy\n"
        "metadata:\n"
        "  name: verify-images\n"
        "spec:\n"
        "  rules:\n"
        "  - name: signed\n"
        "    verifyImages:\n"
        "    - imageReferences: ['*']\n"
        "      mutateDigest: true\n"
        "      failureAction: Audit\n"
    ),
    "deploy/日本.yaml": "kind: Pod\nspec:\n\timage: 日本語イメージ:latest # タグ\n",
    "deploy/min.json": '{"items":['
    + '{"kind":"Pod"},' * 40
    + '{"image":"nginx:latest"},'
    + '{"kind":"Pod"},' * 40
    + "{}]}",
    "deploy/hostile.yaml": "a: b\nimage: \x1b[2Jevil\u202e:latest\x07\n",
    "charts/app/templates/deployment.yaml": (
        "{{- if .Values.on }}\nspec:\n  replicas: {{ .Values.replicas }}\n"
        "  strategy:\n    type: RollingUpdate\n{{- end }}\n"
    ),
    "script.yaml": "run: |\n  one\n  two\n  three\n",
}


def read_line(path: str, line: int) -> str | None:
    lines = FILES.get(path, "").split("\n")
    return lines[line - 1] if path in FILES and line <= len(lines) else None


RULES = (
    RuleInfo(
        "KYV001",
        "mutate-digest-audit",
        "error",
        "An auditing image check cannot mutate digests.",
        "# mutate-digest-audit\n\nAn auditing image check cannot mutate digests.\n",
        f"{DOCS}/KYV001",
        "0.1.0",
    ),
    RuleInfo("IMG001", "unpinned-image", "error", "The tag moves.", "The tag moves.", f"{DOCS}/IMG001", "0.1.0"),
)


def options(**changes: object) -> RenderOptions:
    base = RenderOptions(width=80, tool_version="1.2.3", rules=RULES, read_line=read_line)
    return base._replace(**changes)  # type: ignore[arg-type]


def finding(location: Location, **changes: object) -> Finding:
    base = Finding(
        location=location,
        rule="IMG001",
        name="unpinned-image",
        severity="error",
        message="the tag `latest` moves",
        help="",
        url=f"{DOCS}/IMG001",
        resource=None,
        yaml_path="",
        fingerprint="f0",
    )
    return base._replace(**changes)  # type: ignore[arg-type]


POLICY = finding(
    Location("policies/verify.yaml", 10, 21, 10, 25),
    rule="KYV001",
    name="mutate-digest-audit",
    message="mutateDigest is true while the effective action is Audit",
    help="set mutateDigest to false,\nor failureAction to Enforce",
    url=f"{DOCS}/KYV001",
    resource=ResourceId("kyverno.io/v1", "ClusterPolicy", None, "verify-images"),
    yaml_path="spec.rules[0].verifyImages[0].mutateDigest",
    related=(Related(Location("policies/verify.yaml", 11, 22, 11, 27), "the action is set here"),),
    fix=TextFix("set mutateDigest to false", True, (Edit("policies/verify.yaml", 181, 185, "false"),)),
    fingerprint="a1",
)
CHART_EXACT = finding(
    Location(
        "charts/app/templates/deployment.yaml",
        3,
        3,
        3,
        11,
        Rendered("helm (chart charts/app, release app)", 102, ("spec:", "  replicas: 4", "  strategy:"), 101, True),
    ),
    rule="ROL001",
    name="rollout-deadlock",
    message="12 pods are needed, 11 fit: 11 = 3·(4-1)+2",
    url="",
    resource=ResourceId("apps/v1", "Deployment", "shop", "app"),
    yaml_path="spec.replicas",
    fix=TextFix("set replicas to 3", False, (Edit("charts/app/values.yaml", 0, 0, "replicas: 3\n"),)),
    fingerprint="b1",
)
CHART_FILE_ONLY = finding(
    Location(
        "charts/app/templates/deployment.yaml",
        1,
        1,
        1,
        1,
        Rendered("helm (chart charts/app, release app)", 9, ("    spec:", "      image: nginx:latest"), 8, False),
    ),
    severity="warning",
    fingerprint="b2",
)
WIDE = finding(Location("deploy/日本.yaml", 3, 9, 3, 23), message="image 日本語イメージ:latest moves", fingerprint="c1")
MINIFIED = finding(Location("deploy/min.json", 1, 620, 1, 634), severity="info", fingerprint="c2")
HOSTILE = finding(
    Location("deploy/hostile.yaml", 2, 8, 2, 17),
    message="image \x1b[2Jevil\u202e:latest\x07\n::error::forged ]](https://evil.example) <&>\"'",
    help="line one\r\n::set-output name=x::y\x00",
    resource=ResourceId("v1", "Pod", "a\x1b]0;b", "c\u2028d"),
    yaml_path='spec["\\x1b"]',
    url="https://policylint.dev/\x1b]8;;",
    fingerprint="d1",
)
FORGED_PATH = finding(Location("::error file=a,b%0A::x.yaml", 1, 1, 1, 1), message="100% wrong", fingerprint="d1")
LONG_REGION = finding(Location("script.yaml", 1, 6, 4, 8), message="the script pulls `latest`", fingerprint="e1")

FULL = Report(
    findings=(POLICY, CHART_EXACT, CHART_FILE_ONLY, WIDE, MINIFIED, HOSTILE, FORGED_PATH, LONG_REGION),
    counts=Counts(files=9, documents=14, judged=12, unparsed=1, unmatched=2, suppressed=3, baselined=4),
    not_judged=(
        NotJudged("values.yaml", 0, "the file", "no reader for Helm values"),
        *(NotJudged("crs.yaml", line, f"Custom/c{line}", "no rule judges this kind") for line in range(1, 13)),
    ),
    errors=(InternalError("XYZ001", "deploy/min.json", "KeyError: 'a\x1bb'"),),
    notes=("kustomize was not found, so 2 kustomizations were not built",),
)
CLEAN = Report((), Counts(files=2, documents=3, judged=3))
NOTHING = Report((), Counts())

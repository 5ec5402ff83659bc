"""A policy expects a signature that no workflow of this repository can make.

What it does
------------
Holds keyless subjects of verifying policies (`verifyImages`, ClusterImagePolicy, ImageValidatingPolicy) that name a
workflow of this repository against its workflows: the file, the refs that its triggers run at, `id-token: write`, and
that the certificate of a reusable workflow names the called file. Other repositories are never judged. Which one this
is, `origin` in `.git/config` tells, or the option `repository`; where neither does, findings are information.

Why is this bad
---------------
Renaming a workflow or a branch breaks the signature that the cluster waits for. Every image is denied from then on,
and the pipeline that signs it stays green.

Example
-------
    subject: https://github.com/org/app/.github/workflows/release.yml@refs/heads/main

where the file is `release.yaml`, or runs on tags only.

Use instead
-----------
    subject: https://github.com/org/app/.github/workflows/release.yaml@refs/heads/main

References
----------
- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md
- https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from collections.abc import Iterator

from policylint.api import Document, Option, Problem, Project, Rule, RuleContext

_POLICIES = (
    "kyverno.io/ClusterPolicy",
    "kyverno.io/Policy",
    "policy.sigstore.dev/ClusterImagePolicy",
    "policies.kyverno.io/ImageValidatingPolicy",
    "policies.kyverno.io/NamespacedImageValidatingPolicy",
)
RULE = Rule(
    id="PRJ014",
    name="signer-not-in-repository",
    severity="warning",
    judges=Project,
    kinds=(*_POLICIES, "workflow"),
    needs=_POLICIES,
    options={
        "repository": Option(
            {"type": "string", "pattern": "^([^/]+/[^/]+)?$"}, "", "this repository at GitHub, as owner/name"
        )
    },
)


def check(project: Project, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.signers import problems

    yield from problems(project.documents, context.options["repository"])

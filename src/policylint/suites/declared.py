"""What a suite declares for rules that upstream lets reach outside: sources of clones, and signatures of images.

Clone sources are upstream's (`cloneSourceResource`, commands/test/test.go). Signatures are not: upstream fetches them.
A suite names a file with them in an annotation, which upstream's runner leaves alone:

    apiVersion: cli.kyverno.io/v1alpha1
    kind: Test
    metadata:
      name: signed-images
      annotations:
        policylint.dev/signatures: signatures.yaml

and the file says who signed what; `signedBy` has the form of a policy's attestor entries:

    images:
    - image: registry.example/app:1.0
      digest: sha256:…                       # what the tag stands for; needed where a rule adds digests
      signedBy:
      - keys: {publicKeys: …}                # or keyless: {issuer: …, subject: …}, or certificates: {cert: …}
      attestations:
      - type: https://slsa.dev/provenance/v1
        predicate: {…}
        signedBy: […]

An empty `signedBy` says that nobody signed the image. Nothing cryptographic is checked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policylint.engine.declared_images import DeclaredImage, declared_images
from policylint.engine.errors import EvaluationError
from policylint.engine.objects import Scopes
from policylint.model import ROOT
from policylint.suites import schema
from policylint.suites.expected import show
from policylint.suites.files import SuiteError, one_file
from policylint.suites.load import Suite, load_beside
from policylint.suites.resources import load_objects

SIGNATURES = "policylint.dev/signatures"
_FILE = schema.Schema(
    "mapping",
    fields={
        "apiVersion": schema.STRING,
        "kind": schema.STRING,
        "metadata": schema.FREE,
        "images": schema.structs(
            image=schema.STRING,
            digest=schema.STRING,
            signedBy=schema.FREE_LIST,
            attestations=schema.structs(type=schema.STRING, predicate=schema.FREE, signedBy=schema.FREE_LIST),
        ),
    },
)


def clone_sources(
    suite: Suite, shown_folder: str, scoped: Scopes
) -> Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]:
    """The objects in the files that results name as sources of clones, by policy and rule. Raises SuiteError."""
    found = {}
    for entry in suite.entries:
        if entry.clone_source is not None:
            path = one_file(suite.folder, entry.clone_source)
            shown = show(shown_folder, entry.clone_source.text)
            loaded = load_objects([(path, shown)], floats=False, scoped=scoped)
            found[entry.policy_name, entry.rule] = [each.object for each in loaded]
    return found


def signatures(suite: Suite, shown_folder: str) -> Mapping[str, DeclaredImage]:
    """What the suite's file of signatures declares, by image; nothing without such a file. Raises SuiteError."""
    metadata = suite.data.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    text = annotations.get(SIGNATURES) if isinstance(annotations, Mapping) else None
    if text is None:
        return {}
    if not isinstance(text, str):
        raise SuiteError(f"the annotation {SIGNATURES} is the path of a file", suite.document.location().line)
    named = suite.named(text, "metadata", "annotations", SIGNATURES)
    shown = show(shown_folder, text)
    beside = load_beside(suite.folder, named, _FILE, shown)
    try:
        return declared_images(beside.data.get("images"), ROOT / "images")
    except EvaluationError as error:
        line = beside.document.location(error.path or ROOT).line
        raise SuiteError(f"{shown}:{line}: {error.message}", named.line) from error

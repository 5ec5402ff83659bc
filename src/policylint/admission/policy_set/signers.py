"""Signers that policies expect, and what the repository's workflows can sign as."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from policylint.admission.policy_set.exceptions import nearby
from policylint.admission.policy_set.repository import WORKFLOWS, Checkout, is_in_checkout
from policylint.admission.policy_set.subjects import Claim, Ref, Subject, claim, subjects
from policylint.admission.policy_set.triggers import is_called, may_run, triggers
from policylint.document.document import Document
from policylint.model import Problem, Severity
from policylint.regex import regex
from policylint.views.workflow import GithubFile, Job

_COMMIT = regex(r"[0-9a-f]{40}\Z")
_REFS = "refs/"
_SHOWN = 4


class Workflow(NamedTuple):
    """A workflow and its path in the repository."""

    file: str
    view: GithubFile

    @property
    def document(self) -> Document:
        return self.view.document


class _Repository(NamedTuple):
    """The workflows of one checkout that were handed over, all `files` that it has, and what it is called.

    It is `certain` when the checkout or the user says so.
    """

    workflows: Sequence[Workflow]
    files: Sequence[str]
    names: frozenset[str]
    certain: bool = True


def problems(documents: Sequence[Document], repository: str = "") -> Iterator[tuple[Document, Problem]]:
    """One problem for each subject of this repository that none of its workflows can have.

    `repository` is the repository's `owner/name`; without it `.git/config` is asked, and where that knows none, all is
    judged as information, provided that the policies name no more than one.
    """
    by_root: dict[Path, list[Workflow]] = {}
    for document in documents:
        for root, workflow in _workflows(document):
            by_root.setdefault(root, []).append(workflow)
    if not by_root:
        return
    claims = [(each, said) for document in documents for each in subjects(document) if (said := claim(each))]
    named = frozenset(said.repository.lower() for _, said in claims)
    for checkout in _repositories(by_root, repository.lower(), named):
        for subject, said in claims:
            if said.repository.lower() in checkout.names:
                problem = _judged(subject, said, checkout)
                if problem is not None:
                    yield subject.document, problem


def _workflows(document: Document) -> Iterator[tuple[Path, Workflow]]:
    path = Path(document.source.path).absolute()
    if document.role == "workflow" and path.parent.parts[-2:] == (".github", "workflows"):
        for view in GithubFile.of(document):
            yield path.parents[2], Workflow(WORKFLOWS + path.name, view)


def _repositories(
    by_root: Mapping[Path, Sequence[Workflow]], given: str, named: frozenset[str]
) -> Iterator[_Repository]:
    if given:
        root = min(by_root, key=lambda each: len(each.parts))
        yield _Repository(by_root[root], Checkout(root, None).files(), frozenset((given,)))
        return
    for root, workflows in by_root.items():
        checkout = Checkout.at(root)
        if checkout is None and is_in_checkout(root):
            continue  # GitHub runs the workflows at the top only
        names = checkout.names if checkout is not None else None
        files = Checkout(root, None).files()
        if names is not None:
            yield _Repository(workflows, files, frozenset(map(str.lower, names)))
        elif len(named) == 1 and len(by_root) == 1:
            yield _Repository(workflows, files, named, certain=False)


def _judged(subject: Subject, said: Claim, repository: _Repository) -> Problem | None:
    looked_at = {workflow.file for workflow in repository.workflows}
    if any(said.names(file) for file in repository.files if file not in looked_at):
        return None  # it was not handed over, so that nothing is known of it
    candidates = [workflow for workflow in repository.workflows if said.names(workflow.file)]
    faults = [fault for workflow in candidates if (fault := _fault(workflow, said.ref))]
    if candidates and len(faults) < len(candidates):
        return None
    condition = "" if repository.certain else f"if this repository is {said.repository}, which nothing says: "
    severity: Severity | None = None if repository.certain else "info"
    if faults:
        place = candidates[0].document.location()
        more = f", and so for {len(faults) - 1} others" if len(faults) > 1 else ""
        message, help_ = faults[0]
        reason = f"{place.path} {message}{more}"
    else:
        what = said.file or "a workflow of such a name"
        names = [file.removeprefix(WORKFLOWS) for file in sorted(looked_at)]
        name = said.file.removeprefix(WORKFLOWS)
        near = get_close_matches(name, nearby(name, names), 1) if name else []
        reason = f"{what} is not in this repository"
        help_ = f"did you mean {WORKFLOWS}{near[0]}?" if near else f"it has {_listed(sorted(looked_at))}"
    return Problem(
        subject.path,
        f"{condition}no workflow here can sign as {subject.text}: {reason}",
        help_,
        severity=severity,
    )


def _fault(workflow: Workflow, ref: Ref) -> tuple[str, str] | None:
    """Why no run of the workflow can have a certificate at `ref`, and what to do; None when one may."""
    jobs = workflow.view.jobs
    calls = [job.call.uses.text for job in jobs if job.call is not None]
    if jobs and len(calls) == len(jobs):
        message = (
            f"has no job of its own: it calls {_listed(calls)}, and a certificate names the workflow that is called"
        )
        return message, "name the workflow that is called, at the ref by which it is called"
    root = workflow.document.data if isinstance(workflow.document.data, dict) else {}
    own = [job for job in jobs if job.call is None]
    if own and all(_is_refused(root, job) for job in own):
        return "gives no job the permission id-token: write, without which there is no certificate", (
            "add id-token: write to the permissions of the job that signs"
        )
    found = triggers(root)
    if not found or is_called(found) or any(may_run(trigger, ref) for trigger in found):
        return None
    runs = _listed([str(trigger) for trigger in found])
    if ref.exact and not ref.prefix.startswith(_REFS) and not _COMMIT.match(ref.prefix):
        return (
            f"runs at full refs, and {ref.prefix!r} is none",
            f"write @refs/heads/{ref.prefix} or @refs/tags/{ref.prefix}",
        )
    shown = ref.prefix if ref.exact else f"a ref that the subject means ({ref.prefix}…)"
    return f"never runs at {shown}: it runs on {runs}", "name a ref that it runs at, or let it run at this one"


def _is_refused(root: Mapping[str, Any], job: Job) -> bool:
    """Whether permissions are written for the job, and `id-token` is not among them."""
    permissions = job.fields.get("permissions") if "permissions" in job.fields else root.get("permissions")
    if isinstance(permissions, dict):
        return permissions.get("id-token") != "write"
    return permissions == "read-all"


def _listed(texts: Sequence[str]) -> str:
    shown = list(dict.fromkeys(texts))[:_SHOWN]
    return ", ".join(shown) + (" and others" if len(set(texts)) > len(shown) else "")

"""Which values key sets a value of a rendered chart: found by rendering again with the key changed, never by a guess.

Candidates come from what the template refers to and from the values themselves. One counts when the changed render has
exactly the wanted value at the place in question; what else that render changes is said with it.
"""

import json
import tempfile
import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.errors import SourceError
from policylint.model import Location, PathStep, RemoveKey, SetValue, YamlPath
from policylint.sources.helm_backends import run_helm
from policylint.sources.helm_chart import join
from policylint.sources.helm_request import Request, request_for, without_remote_schemas
from policylint.sources.nondeterminism import may_vary
from policylint.sources.rendered_objects import MISSING, Identity, Objects, changed, differences, objects_in
from policylint.sources.rendering import ChartRun
from policylint.sources.values_candidates import Candidates
from policylint.sources.values_files import ValuesFiles, is_below

SECONDS = 5.0
"""What all searches in one render of a chart may cost together."""
_TRIALS = 10

Change = SetValue | RemoveKey


class ValuesKey(NamedTuple):
    """A key that sets the value: confirmed by a render. To remove the value is to set the key to None.

    `location` is the key's in the values file that decides, or where there is none yet (`given` is then False) that of
    the mapping it belongs to. `by_set` is the expression of the render that outranks every file. `also` names what else
    of the render changes with it.
    """

    path: YamlPath
    value: Any
    location: Location
    given: bool
    by_set: str = ""
    also: tuple[str, ...] = ()


class Found(NamedTuple):
    """A search's end: the key, or None and how many candidates were tried; `stopped` when time ran out before."""

    key: ValuesKey | None
    tried: int = 0
    stopped: bool = False


class ValuesSearch:
    """Searches in one render; what was rendered once is not rendered again."""

    def __init__(self, run: ChartRun) -> None:
        self._run = run
        self._left = SECONDS
        self._trials: dict[tuple[YamlPath, str], Mapping[str, list[str]] | None] = {}
        self._found: dict[tuple[object, ...], Found] = {}

    @cached_property
    def _request(self) -> Request | None:
        try:
            return request_for(self._run)
        except SourceError:
            return None  # the chart rendered a moment ago: somebody is changing it

    @cached_property
    def _files(self) -> ValuesFiles:
        own = (self._run.chart / "values.yaml", join(self._run.shown, "values.yaml"))
        return ValuesFiles.read([own, *(self._request.values if self._request is not None else ())])

    @cached_property
    def _baseline(self) -> Mapping[str, list[str]] | None:
        return self._render(None, None)

    @cached_property
    def _unsteady(self) -> Objects:
        """What differs by itself from render to render, and so cannot be laid at a key's door."""
        if self._request is None or self._baseline is None or not may_vary(self._request):
            return {}
        again = self._render(None, None)
        if again is None:
            return {}
        return changed(self._objects(self._baseline, again), self._objects(again, self._baseline))

    def _is_unsteady(self, identity: Identity, places: Iterable[YamlPath], both: bool) -> bool:
        """Whether an object differs by itself: at the same places, or in its name, when not `both` renders have it."""
        if not both:
            return any(each[:3] == identity[:3] for each in self._unsteady)
        known = self._unsteady.get(identity, {})
        return all(place in known for place in places)

    def find(self, document: Document, template: str, change: Change) -> Found:
        """The key that makes the value at `change.path` what is wanted, in a `document` that this render made of the
        template that Helm calls `template`."""
        identity = (template, document.kind, document.namespace, document.name)
        key = (*identity, repr(change))
        if key not in self._found:
            started = time.monotonic()
            self._found[key] = self._search(document, template, change)
            self._left -= time.monotonic() - started
        return self._found[key]

    def _search(self, document: Document, name: str, change: Change) -> Found:
        if self._request is None or self._left <= 0:
            return Found(None, stopped=self._left <= 0)
        deadline = time.monotonic() + self._left
        if self._baseline is None:
            return Found(None)
        place = document.location(change.path)
        line = place.line if place.rendered is not None and place.rendered.exact else 0
        candidates = Candidates(self._request, name, self._texts, self._files)
        best: ValuesKey | None = None
        tried = 0
        for path in candidates.ranked(change.path, document.get(change.path), line):
            if tried >= _TRIALS or time.monotonic() >= deadline:
                return Found(best, tried, stopped=best is None and tried < _TRIALS)
            tried += 1
            also = self._confirmed(document, name, change, path, deadline - time.monotonic())
            if also is None:
                continue
            confirmed = self._key(path, change, also)
            if not also:
                return Found(confirmed, tried)
            if best is None or len(also) < len(best.also):
                best = confirmed
        return Found(best, tried)

    def _confirmed(
        self, document: Document, name: str, change: Change, path: YamlPath, seconds: float
    ) -> tuple[str, ...] | None:
        """What else changes when the key at `path` is set; None when the wanted value does not come of it."""
        value = change.value if isinstance(change, SetValue) else None
        trial = self._trial(path, value, seconds)
        if trial is None or self._baseline is None:
            return None
        before, after = self._objects(self._baseline, trial), self._objects(trial, self._baseline)
        identity = (name, document.api_version, document.kind, document.namespace, document.name)
        if identity not in before or identity not in after:
            return None
        wanted = change.value if isinstance(change, SetValue) else MISSING
        diff = differences(before[identity], after[identity])
        hit = [place for place in diff if _reaches(place, change.path)]
        if not hit or not _same(_value_at(after[identity], change.path), wanted):
            return None
        own = [
            str(place) for place in diff if place not in hit and not self._is_unsteady(identity, (place,), both=True)
        ]
        others = [
            f"{each[2]}/{each[4]}"
            for each, places in changed(before, after).items()
            if each != identity and not self._is_unsteady(each, places, each in before and each in after)
        ]
        return tuple(dict.fromkeys((*own, *others)))

    def _trial(self, path: YamlPath, value: Any, seconds: float) -> Mapping[str, list[str]] | None:
        key = (path, json.dumps(value))
        if key not in self._trials:
            self._trials[key] = self._render(path, value, max(seconds, 0.1))
        return self._trials[key]

    def _render(self, path: YamlPath | None, value: Any, seconds: float = SECONDS) -> Mapping[str, list[str]] | None:
        if self._request is None:
            return None
        with tempfile.TemporaryDirectory(prefix="policylint-") as folder:
            scratch = Path(folder)
            job = without_remote_schemas(self._request, scratch).job
            if path is not None:
                file = scratch / "changed.json"
                # an expression of `set` outranks every file; without those that are about the key, the file decides
                job = job._replace(set=tuple(each for each in job.set if not is_below(path, each)))
                file.write_text(json.dumps(self._files.with_value(path, value)), encoding="utf-8")
                job = job._replace(values=(*job.values, file))
            output = run_helm(job, scratch, self._run.environment, seconds)
        return None if output is None or output.error or output.limit or output.missing else output.documents

    def _objects(self, output: Mapping[str, list[str]], other: Mapping[str, list[str]] | None = None) -> Objects:
        """The objects of a render, without those of templates that came out the same in the `other`."""
        found: Objects = {}
        for name, documents in output.items():
            if other is None or other.get(name) != documents:
                found.update(objects_in(name, documents))
        return found

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        """The text of every template of the chart and its unpacked subcharts by its file, helpers included."""
        texts = {}
        for folder in ("templates", "charts"):
            for path in sorted((self._run.chart / folder).rglob("*")):
                inside = path.relative_to(self._run.chart)
                if "templates" in inside.parts and path.suffix in (".yaml", ".yml", ".tpl") and path.is_file():
                    texts[inside.as_posix()] = path.read_bytes().decode("utf-8", "replace")
        return texts

    def _key(self, path: YamlPath, change: Change, also: tuple[str, ...]) -> ValuesKey:
        value = change.value if isinstance(change, SetValue) else None
        location, given = self._files.place_of(path)
        by_set = next((each for each in self._run.render.set if is_below(path, each)), "")
        return ValuesKey(path, value, location, given, by_set, also)


def _reaches(place: YamlPath, wanted: YamlPath) -> bool:
    return place[: len(wanted)] == wanted or wanted[: len(place)] == place


def _value_at(data: Any, path: YamlPath) -> Any:
    for step in path:
        data = _step(data, step)
    return data


def _step(data: Any, step: PathStep) -> Any:
    if isinstance(data, dict):
        return data.get(step, MISSING)
    if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
        return data[step]
    return MISSING


def _same(value: Any, wanted: Any) -> bool:
    return type(value) is type(wanted) and value == wanted

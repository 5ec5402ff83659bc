"""The objects that a suite expects of mutations and generations, read out of its files when they are asked for.

Source: commands/test/compare.go `getAndCompareResource`, resource/resource.go `GetResourceFromPath`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policylint.engine.objects import Scopes, key_of
from policylint.suites.compare import difference, matches
from policylint.suites.files import Named, SuiteError, one_file
from policylint.suites.load import Entry
from policylint.suites.resources import Loaded, load_objects


class Comparison(NamedTuple):
    """Whether an object is the expected one. `missing` is why there was nothing to compare it with."""

    equal: bool
    reason: str = ""
    difference: str = ""
    missing: str = ""


class ExpectedObjects:
    """Reads each file of a suite once. `show` says how the path of a file is printed."""

    def __init__(self, folder: Path, shown_folder: str, scoped: Scopes) -> None:
        self._folder = folder
        self._shown = shown_folder
        self._scoped = scoped
        self._read: dict[str, list[Loaded] | SuiteError] = {}

    def compare(self, entry: Entry, actual: Mapping[str, Any]) -> Comparison:
        """Holds `actual` against every file that the entry names for patched and generated objects."""
        if entry.patched is not None:
            patched = self._compare(entry.patched, "patched", actual)
            if not patched.equal:
                return patched
        found = [self._compare(named, "generated", actual) for named in entry.generated]
        if not found:
            return Comparison(equal=True)
        # several files hold several objects: the object's own is the one that counts
        return next((each for each in found if not each.missing), found[0])

    def _compare(self, named: Named, what: str, actual: Mapping[str, Any]) -> Comparison:
        objects = self._objects(named)
        if isinstance(objects, SuiteError):
            return Comparison(equal=False, reason=objects.message)
        key = key_of(actual)
        expected = next((each for each in objects if each.key == key), None)
        if expected is None:
            held = ", ".join(sorted({f"{each.key} ({each.key.api_version})" for each in objects})) or "nothing"
            missing = f"{named.text} has no {key} ({key.api_version}) to compare with; it holds {held}"
            return Comparison(equal=False, reason=missing, missing=missing)
        if matches(expected.object, actual):
            return Comparison(equal=True)
        place = f"{named.text}:{expected.line()}"
        reason = f"the {what} {key} is not as {place} expects"
        return Comparison(equal=False, reason=reason, difference=difference(expected.object, actual, place))

    def _objects(self, named: Named) -> list[Loaded] | SuiteError:
        if named.text not in self._read:
            try:
                path = one_file(self._folder, named)
                shown = show(self._shown, named.text)
                self._read[named.text] = list(load_objects([(path, shown)], floats=False, scoped=self._scoped))
            except SuiteError as error:
                self._read[named.text] = error
        return self._read[named.text]


def show(folder: str, text: str) -> str:
    """How a file that a suite in `folder` calls `text` is printed."""
    from posixpath import join, normpath

    return normpath(join(folder, text))

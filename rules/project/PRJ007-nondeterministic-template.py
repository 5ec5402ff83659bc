"""A chart's template comes out differently each time it is rendered.

What it does
------------
Renders charts twice whose templates call a function such as `randAlphaNum`, `genCA`, `uuidv4` or `now`, and reports
what differs: as a warning where it rolls pods or where the API server refuses the change, otherwise as info. Where
`lookup` may keep the value that a cluster has, that is said, and it is info too. Hooks run anew anyway, so they are
left out. What differs is shown as `varies00`.

Why is this bad
---------------
Every `helm upgrade` changes the object, though nothing was changed: pods are replaced, passwords no longer fit what
was made with them, and differences between two renders say nothing.

Example
-------
    template:
      metadata:
        annotations: {rollme: {{ randAlphaNum 5 | quote }}}

Use instead
-----------
    template:
      metadata:
        annotations: {checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}}

References
----------
- https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments
- https://helm.sh/docs/chart_template_guide/function_list/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, RelatedPath, Rule, RuleContext, YamlPath

RULE = Rule(id="PRJ007", name="nondeterministic-template", severity="info")

_ROLLING = ("Deployment", "StatefulSet", "DaemonSet")


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    if not document.source.varying or not document.kind or "helm.sh/hook" in document.annotations:
        return
    from policylint.views.varying import varying_paths

    template, frozen = YamlPath.of("spec", "template"), YamlPath.of("spec", "selector")
    groups: dict[str, list[tuple[YamlPath, bool]]] = {}
    paths = varying_paths(document)
    renamed = any(path == YamlPath.of("metadata", "name") for path, _ in paths)
    for path, kept in paths:
        if document.kind in _ROLLING and path[: len(template)] == template:
            effect = "so every `helm upgrade` replaces the pods"
        elif document.kind in _ROLLING and path[: len(frozen)] == frozen and not renamed:
            effect = "and the API server refuses to change a selector: the second `helm upgrade` fails"
        elif document.kind == "Job" and path[: len(template)] == template and not renamed:
            effect = "and the API server refuses to change a Job's pods: the second `helm upgrade` fails"
        else:
            effect = ""
        groups.setdefault(effect, []).append((path, kept))
    plain = "so every `helm upgrade` makes a new object" if renamed else "so every `helm upgrade` changes the object"
    for effect, found in groups.items():
        path = found[0][0]
        message = f"{path} comes out differently each time, {effect or plain}"
        kept = all(each for _, each in found)
        if kept:
            message += ", unless `lookup` finds the value in the cluster"
        related = tuple(RelatedPath(each, f"{each} differs too") for each, _ in found[1:5])
        help_ = "derive it from what it stands for, such as a checksum of the values, or let the values give it"
        yield Problem(path, message, help_, "warning" if effect and not kept else "info", related)

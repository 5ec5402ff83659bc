"""Rules as text: one page for people, one record for programs, and rule information for report formats."""

from collections.abc import Mapping, Sequence
from typing import Any

from policylint.errors import UsageError
from policylint.lint.loaded import LoadedRule
from policylint.model import Severity


def find_rule(rules: Sequence[LoadedRule], name: str) -> LoadedRule:
    """The rule with the id or name `name`. Raises UsageError, with the nearest name, when there is none."""
    by_name = {key: loaded for loaded in rules for key in (loaded.rule.id, loaded.rule.name)}
    found = by_name.get(name) or by_name.get(name.upper())
    if found is not None:
        return found
    from difflib import get_close_matches

    near = get_close_matches(name, by_name, n=1) or get_close_matches(name.upper(), by_name, n=1)
    raise UsageError(f"unknown rule {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def rule_page(loaded: LoadedRule) -> str:
    """The documentation of one rule in Markdown: what `explain` prints and what the docs are made of."""
    rule, text = loaded.rule, loaded.documentation
    state: str = rule.severity if rule.default else "off"
    if rule.profiles:
        state += f"; on in profile {', '.join(rule.profiles)}"
    since = f" Since {rule.since}." if rule.since else ""
    lines = [f"# {rule.id} {rule.name}", "", text.summary, "", f"Default: {state}.{since}", ""]
    if rule.aliases:
        names = ", ".join(f"`{alias}`" for alias in rule.aliases)
        lines += [f"Ignore comments of other tools that it honours: {names}.", ""]
    sections = (
        ("What it does", text.what),
        ("Why is this bad", text.why),
        ("Example", text.example),
        ("Use instead", text.instead),
    )
    for title, body in sections:
        if body:
            lines += [f"## {title}", "", body.strip("\n"), ""]
    if rule.options:
        lines += ["## Options", ""]
        lines += [f"- `{name}` (default {option.default!r}): {option.doc}" for name, option in rule.options.items()]
        lines.append("")
    references = (*text.references, *rule.references)
    if references:
        lines += ["## References", "", *(f"- {url}" for url in references), ""]
    return "\n".join(lines)


def rule_record(loaded: LoadedRule, severity: Mapping[str, Severity], active: set[str]) -> dict[str, Any]:
    """What `rules --output-format json` says of one rule."""
    rule = loaded.rule
    return {
        "id": rule.id,
        "name": rule.name,
        "summary": loaded.documentation.summary,
        "severity": severity[rule.id],
        "default": rule.default,
        "active": rule.id in active,
        "profiles": list(rule.profiles),
        "scope": rule.scope,
        "kinds": list(rule.kinds),
        "options": {name: option.default for name, option in rule.options.items()},
        "url": rule.url,
    }

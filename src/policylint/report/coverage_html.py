"""Policy coverage as one HTML file that needs nothing else: the policies' source, marked line by line.

Everything from files is escaped, and the page forbids itself scripts and all that would be loaded.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, TextIO

from policylint.coverage import Coverage, Goal, PolicyCoverage, RuleCoverage, percentage
from policylint.report.coverage_words import headline, listed
from policylint.report.html_page import END, head, shown
from policylint.report.options import ReadLine, RenderOptions

_State = Literal["covered", "partly", "missed", "plain"]
_SIGNS: dict[_State, str] = {"covered": "\u2713", "partly": "~", "missed": "\u2717", "plain": ""}
_WORDS: dict[_State, str] = {"covered": "covered", "partly": "partly covered", "missed": "not reached", "plain": ""}
_TAB = 4
_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --sheet: #f6f8fa; --covered: #1a7f37; --covered-paper: #dafbe1; --partly: #7d4e00; --partly-paper: #fff1c2;
  --missed: #b3121d; --missed-paper: #ffe2e0; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #3d444d;
  --sheet: #151b23; --covered: #56d364; --covered-paper: #12301c; --partly: #e3b341; --partly-paper: #3a2d0c;
  --missed: #ff8f87; --missed-paper: #45181a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 90rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
p { margin: .3rem 0 1rem; color: var(--soft); } a { color: inherit; }
table { border-collapse: collapse; width: 100%; }
.figures th { text-align: left; font-weight: 600; color: var(--soft); }
.figures th, .figures td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.figures td { overflow-wrap: anywhere; } .number { text-align: right; white-space: nowrap; width: 1%; }
.share { width: 9rem; } .share span { display: block; height: .55rem; margin-top: .45rem; border-radius: .3rem;
  background: var(--missed-paper); border: 1px solid var(--line); overflow: hidden; }
.share i { display: block; height: 100%; background: var(--covered); }
.goal { display: inline-block; margin: .1rem .3rem .1rem 0; padding: 0 .5rem; border-radius: 1rem; font-size: .87rem; }
.covered { color: var(--covered); background: var(--covered-paper); }
.partly { color: var(--partly); background: var(--partly-paper); }
.missed { color: var(--missed); background: var(--missed-paper); }
.source { margin-top: .8rem; border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; }
.source table { font: 13px/1.45 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
.source td { padding: 0 .6rem; white-space: pre; vertical-align: top; }
.source .at { text-align: right; color: var(--soft); background: var(--sheet); width: 1%; user-select: none; }
.source .sign { width: 1%; text-align: center; padding: 0 .4rem; font-weight: 700; }
.source .note { white-space: normal; min-width: 16rem; width: 40%; font-family: system-ui, sans-serif; }
.source tr { background: none; color: var(--ink); } .source tr.covered .sign { background: var(--covered-paper); }
.source tr.covered .sign { color: var(--covered); }
.source tr.partly td:not(.at) { background: var(--partly-paper); }
.source tr.partly .sign, .source tr.partly .note { color: var(--partly); }
.source tr.missed td:not(.at) { background: var(--missed-paper); }
.source tr.missed .sign, .source tr.missed .note { color: var(--missed); }
summary { cursor: pointer; color: var(--soft); margin-top: .8rem; } .rules th:first-child { width: 18rem; }
"""


def render(coverage: Coverage, out: TextIO, options: RenderOptions) -> None:
    """Write the whole page; the source is what `options.read_line` hands out."""
    out.write(head("Policy coverage", _STYLE))
    out.write(
        f"<h1>Policy coverage</h1>\n<p>{shown(headline(coverage))} Made by policylint {options.tool_version}.</p>\n"
    )
    signs = (f'<span class="goal {state}">{sign} {_WORDS[state]}</span>' for state, sign in _SIGNS.items() if sign)
    out.write(f"<p>Lines of policies: {' '.join(signs)}</p>\n")
    out.writelines(_figures(coverage))
    for number, (path, policies) in enumerate(_by_file(coverage)):
        out.write(f'<h2 id="file{number}">{shown(path)}</h2>\n')
        for policy in policies:
            out.writelines(_rules(policy))
        out.writelines(_source(path, policies, options.read_line))
    out.write(END)


def _by_file(coverage: Coverage) -> list[tuple[str, list[PolicyCoverage]]]:
    files: dict[str, list[PolicyCoverage]] = {}
    for policy in coverage.policies:
        files.setdefault(policy.path, []).append(policy)
    return list(files.items())


def _figures(coverage: Coverage) -> Iterator[str]:
    """One row for each policy."""
    yield '<table class="figures">\n<tr><th class="number">covered</th><th class="share"></th>'
    yield '<th class="number">goals</th><th>policy</th><th>file</th></tr>\n'
    for number, (path, policies) in enumerate(_by_file(coverage)):
        for policy in policies:
            share = percentage(policy.reached, policy.total)
            yield f'<tr><td class="number">{"not measured" if share is None else f"{share:.1f}%"}</td>'
            bar = "" if share is None else f'<span><i style="width: {share}%"></i></span>'
            yield f'<td class="share">{bar}</td><td class="number">{policy.reached} / {policy.total}</td>'
            yield f'<td><a href="#file{number}">{shown(policy.name)}</a></td>'
            yield f"<td>{shown(path)}:{policy.line}</td></tr>\n"
    yield "</table>\n"


def _rules(policy: PolicyCoverage) -> Iterator[str]:
    """The goals of every rule, reached or not."""
    yield f'<table class="figures rules">\n<tr><th>{shown(policy.name)}</th><th>goals</th></tr>\n'
    if policy.unmeasured:
        yield f'<tr><td colspan="2">not measured: {shown(policy.unmeasured)}</td></tr>\n'
    for rule in policy.rules:
        if rule.unmeasured:
            goals = f"not measured: {shown(rule.unmeasured)}"
        else:
            goals = " ".join(_goal(goal, rule) for goal in rule.goals)
        yield f"<tr><td>{shown(rule.name)}</td><td>{goals}</td></tr>\n"
    yield "</table>\n"


def _goal(goal: Goal, rule: RuleCoverage) -> str:
    state: _State = "covered" if goal in rule.reached else "missed"
    title = f"{_WORDS[state]}, line {goal.line}"
    return f'<span class="goal {state}" title="{title}">{_SIGNS[state]} {shown(goal.name)}</span>'


def _source(path: str, policies: Sequence[PolicyCoverage], read_line: ReadLine) -> Iterator[str]:
    """The file's lines, with what is missing named beside them; nothing when it cannot be read."""
    goals: dict[int, list[tuple[Goal, bool]]] = {}
    for rule in (rule for policy in policies for rule in policy.rules):
        for goal in rule.goals:
            goals.setdefault(goal.line, []).append((goal, goal in rule.reached))
    number = 1
    line = read_line(path, number)
    if line is None:
        yield "<p>The file cannot be read now, so its source is not shown.</p>\n"
        return
    # what is wholly covered needs no reading
    is_open = "" if all(is_reached for each in goals.values() for _, is_reached in each) else " open"
    yield f'<details{is_open}><summary>source</summary>\n<div class="source"><table>\n'
    while line is not None:
        yield _line(number, line, goals.get(number, []))
        number += 1
        line = read_line(path, number)
    yield "</table></div></details>\n"


def _line(number: int, line: str, goals: Sequence[tuple[Goal, bool]]) -> str:
    state = _state([is_reached for _, is_reached in goals])
    missing = [goal for goal, is_reached in goals if not is_reached]
    note = f"not reached: {shown(listed(missing))}" if missing else ""
    return (
        f'<tr class="{state}"><td class="at">{number}</td>'
        f'<td class="sign" title="{_WORDS[state]}">{_SIGNS[state]}</td>'
        f'<td>{shown(line.rstrip().expandtabs(_TAB))}</td><td class="note">{note}</td></tr>\n'
    )


def _state(reached: Sequence[bool]) -> _State:
    if not reached:
        return "plain"
    if all(reached):
        return "covered"
    return "partly" if any(reached) else "missed"

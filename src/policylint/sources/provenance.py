"""From a line of rendered text to the line of the template that printed it, never by a guess.

The template is read as a graph of everything that it can print (`policylint.sources.template`). All ways through the
graph that print the rendered text are followed at once; a line's origin is known when all of them agree on it. What
an action prints within a line may be anything without a line break; what an action prints that stands alone on its
line, or ends in `indent` or `nindent`, may be any number of lines.
"""

from typing import NamedTuple

from policylint.document.source import TemplatePlace
from policylint.sources.template import FINISH, START, Graph, Kind, parse_template

# Steps that one line may cost on average: five times what the charts of Helm's own test suite need.
_STEPS_PER_LINE = 200
_MINIMUM_STEPS = 50_000
_MAXIMUM_STEPS = 1_000_000
_SEPARATOR = "---"


class _Entry(NamedTuple):
    """How a line may begin: by entering `node`, or within the lines of a block that has already begun."""

    node: int
    inside: bool


class _Edge(NamedTuple):
    """One way to print a line: afterwards the output stands at `target`; the line's first content is of `origin`."""

    target: int
    origin: int


class _TooMuchWorkError(Exception):
    """The alignment took more steps than are worth it; the lines stay known by their file only."""


def map_lines(template_text: str, rendered_text: str, template_path: str) -> dict[int, TemplatePlace]:
    """Which place of the template printed each line of `rendered_text`, lines counted from 1.

    Lines that could stem from several places, blank lines and document separators have no entry. The documents of
    `rendered_text` may stand in another order than the template prints them.
    """
    graph = parse_template(template_text)
    if graph is None:
        return {}
    lines = [
        (number, line)
        for number, raw in enumerate(rendered_text.split("\n"), start=1)
        if (line := raw.rstrip()) and line != _SEPARATOR
    ]
    documents = _documents(rendered_text)
    work = min(_STEPS_PER_LINE * (len(lines) + template_text.count("\n")) + _MINIMUM_STEPS, _MAXIMUM_STEPS)
    aligner = _Aligner(graph, {first for first, _ in (document[0] for document in documents if document)}, work)
    try:
        origins = aligner.whole(lines)
        if origins is None:
            origins = {}
            for document in documents:
                origins.update(aligner.pieces(document))
    except _TooMuchWorkError:
        return {}
    return _places(graph, origins, template_text, template_path)


def _documents(text: str) -> list[list[tuple[int, str]]]:
    documents: list[list[tuple[int, str]]] = [[]]
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip()
        if line == _SEPARATOR:
            documents.append([])
        elif line:
            documents[-1].append((number, line))
    return documents


def _places(graph: Graph, origins: dict[int, set[int]], template: str, path: str) -> dict[int, TemplatePlace]:
    template_lines = template.split("\n")
    places: dict[int, TemplatePlace] = {}
    for number, nodes in origins.items():
        if len({graph.nodes[node].line for node in nodes}) == 1:
            first = min((graph.nodes[node] for node in nodes), key=lambda node: node.column)
            end = len(template_lines[first.line - 1].rstrip()) + 1
            places[number] = TemplatePlace(path, first.line, first.column, end, exact=True)
    return places


def _is_blank(text: str) -> bool:
    """Whether text prints nothing that the rendered lines still show: the tool drops separators and blanks."""
    return not text.strip() or text.rstrip() == _SEPARATOR


class _Aligner:
    """Ways through one template's graph. A state is the node after which a line ended: START, a break or a block."""

    def __init__(self, graph: Graph, first_lines: set[int], work: int) -> None:
        self._nodes = graph.nodes
        self._next = graph.next
        self._first_lines = first_lines
        self._work = work
        self._openings: dict[int, frozenset[_Entry]] = {}
        reachable = self._reachable()
        self._line_starts = [START, *(n for n in reachable if self._nodes[n].kind in (Kind.BREAK, Kind.BLOCK))]
        self._document_starts = [
            START,
            *(n for n in reachable if self._nodes[n].kind == Kind.BLOCK and not self._nodes[n].indent),
            *(n for n in reachable if self._nodes[n].text.rstrip() == _SEPARATOR),
        ]

    def _reachable(self) -> list[int]:
        seen, stack = {START}, [START]
        while stack:
            for target in self._next[stack.pop()]:
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return sorted(seen)

    def whole(self, lines: list[tuple[int, str]]) -> dict[int, set[int]] | None:
        """The possible origins of each line when the template printed all of them in this order, else None."""
        steps, _ = self._forward(lines, [START])
        if len(steps) < len(lines):
            return None
        last = steps[-1] if steps else {}
        ends = {edge.target for edges in last.values() for edge in edges}
        ends = {end for end in ends if end == FINISH or _Entry(FINISH, False) in self._opening(end)}
        return self._backward(lines, steps, ends) if ends or not steps else None

    def pieces(self, lines: list[tuple[int, str]]) -> dict[int, set[int]]:
        """The possible origins of the lines of one document that begins anywhere a document may begin.

        Where no way leads on, something was printed that the graph does not know. Then only those lines before are
        trusted that nothing else in the whole template could have printed, and the search starts afresh.
        """
        origins: dict[int, set[int]] = {}
        starts = self._document_starts
        while lines:
            steps, ends = self._forward(lines, starts)
            done, lines = lines[: len(steps)], lines[len(steps) :]
            if not lines:
                origins.update(self._backward(done, steps, ends))
                break
            origins.update({number: self._anywhere(number, line) for number, line in done})
            if starts is self._line_starts and not done:
                lines = lines[1:]
            starts = self._line_starts
        return origins

    def _forward(self, lines: list[tuple[int, str]], starts: list[int]) -> tuple[list[dict[int, set[_Edge]]], set[int]]:
        """For each line that can be printed, the edges from each state; and the states after the last of them."""
        states = set(starts)
        steps: list[dict[int, set[_Edge]]] = []
        for number, line in lines:
            known: dict[_Entry, set[_Edge]] = {}
            step: dict[int, set[_Edge]] = {}
            for state in states:
                edges: set[_Edge] = set()
                for entry in self._opening(state):
                    if entry not in known:
                        known[entry] = self._ways(entry, line, number in self._first_lines)
                    edges |= known[entry]
                if edges:
                    step[state] = edges
            if not step:
                break
            steps.append(step)
            states = {edge.target for edges in step.values() for edge in edges}
        return steps, states

    def _backward(
        self, lines: list[tuple[int, str]], steps: list[dict[int, set[_Edge]]], ends: set[int]
    ) -> dict[int, set[int]]:
        origins: dict[int, set[int]] = {}
        alive = ends
        for (number, _), step in zip(reversed(lines), reversed(steps), strict=True):
            used = {state: [edge for edge in edges if edge.target in alive] for state, edges in step.items()}
            origins[number] = {edge.origin for edges in used.values() for edge in edges}
            alive = {state for state, edges in used.items() if edges}
        return origins

    def _anywhere(self, number: int, line: str) -> set[int]:
        entries = {entry for state in self._line_starts for entry in self._opening(state)}
        return {edge.origin for entry in entries for edge in self._ways(entry, line, number in self._first_lines)}

    def spend(self, steps: int = 1) -> None:
        self._work -= steps
        if self._work < 0:
            raise _TooMuchWorkError

    def _opening(self, state: int) -> frozenset[_Entry]:
        """How the next line that shows anything may begin after `state`, whatever blank output comes before it."""
        known = self._openings.get(state)
        if known is not None:
            self.spend(len(known))
            return known
        entries: set[_Entry] = set()
        if self._nodes[state].kind == Kind.BLOCK:
            entries.add(_Entry(state, True))
        seen: set[tuple[int, bool]] = set()
        stack = [(target, True) for target in self._next[state]]
        while stack:
            here = stack.pop()
            if here in seen:
                continue
            self.spend()
            seen.add(here)
            node, at_start = here
            kind = self._nodes[node].kind
            if kind == Kind.BLOCK:
                entries.add(_Entry(node, True))
            if kind != Kind.JOIN and (at_start or kind == Kind.END):
                entries.add(_Entry(node, False))
            if kind == Kind.TEXT and not _is_blank(self._nodes[node].text):
                continue
            begins = kind == Kind.BREAK or (at_start and kind == Kind.JOIN)
            stack.extend((target, begins) for target in self._next[node])
        self._openings[state] = frozenset(entries)
        return self._openings[state]

    def _ways(self, entry: _Entry, line: str, is_first: bool) -> set[_Edge]:
        """All edges that print `line`, which shows something, from `entry`."""
        walk = _Walk(self, line, is_first)
        if not entry.inside:
            walk.push(entry.node, 0, False, -1)
        elif len(line) - len(line.lstrip(" ")) >= self._nodes[entry.node].indent or is_first:
            walk.edges.add(_Edge(entry.node, entry.node))
            walk.push_next(entry.node, 0, True, entry.node)
        while walk.stack:
            self.spend()
            walk.step(*walk.stack.pop())
        return walk.edges


class _Walk:
    """The search for the ways to print one line. A place on the way: a node about to be entered at a position.

    `floating` means that an action's output, of any length, may come before; `origin` is the node of the line's first
    visible character, or -1.
    """

    def __init__(self, aligner: _Aligner, line: str, is_first: bool) -> None:
        self._spend = aligner.spend
        self._nodes = aligner._nodes
        self._next = aligner._next
        self._line = line
        self._is_first = is_first
        self._seen: set[tuple[int, int, bool, int]] = set()
        self.stack: list[tuple[int, int, bool, int]] = []
        self.edges: set[_Edge] = set()

    def push(self, node: int, position: int, floating: bool, origin: int) -> None:
        place = (node, position, floating, origin)
        if place not in self._seen:
            self._seen.add(place)
            self.stack.append(place)

    def push_next(self, node: int, position: int, floating: bool, origin: int) -> None:
        for target in self._next[node]:
            self.push(target, position, floating, origin)

    def step(self, node: int, position: int, floating: bool, origin: int) -> None:
        kind = self._nodes[node].kind
        if kind == Kind.JOIN:
            self.push_next(node, position, floating, origin)
        elif kind == Kind.TEXT:
            self._text(node, position, floating, origin)
        elif kind == Kind.HOLE:
            self.push_next(node, position, True, node if origin < 0 else origin)
        elif kind == Kind.BLOCK and not self._nodes[node].below:
            self.push_next(node, position, True, node if origin < 0 else origin)
            self.edges.add(_Edge(node, node if origin < 0 else origin))
        elif origin >= 0 and (floating or position == len(self._line)):
            self.edges.add(_Edge(node, origin))

    def _text(self, node: int, position: int, floating: bool, origin: int) -> None:
        text, line = self._nodes[node].text, self._line
        if not floating:
            if position == 0 and self._is_first and origin < 0 and not line.startswith(text):
                text = text.lstrip()  # tools strip the first line of a document
            if line.startswith(text, position):
                self._matched(node, position, position + len(text), origin)
            elif line[position:] == text.rstrip():
                self._matched(node, position, len(line), origin)
            return
        found = line.find(text, position)
        while found >= 0:
            self._matched(node, found, found + len(text), origin)
            found = line.find(text, found + 1)
        bare = text.rstrip()
        if bare != text and line.endswith(bare) and len(line) - len(bare) >= position:
            self._matched(node, len(line) - len(bare), len(line), origin)

    def _matched(self, node: int, start: int, end: int, origin: int) -> None:
        self._spend()
        if not self._line[:start].strip():
            origin = node if self._line[start:end].strip() else -1
        self.push_next(node, end, False, origin)

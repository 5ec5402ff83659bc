"""Rendered lines lead back to the template's line, or to none when several could have printed them."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from policylint.sources.provenance import map_lines
from policylint.sources.template import parse_template


def origins(template: str, rendered: str) -> dict[int, int]:
    """Rendered line -> template line."""
    return {number: place.line for number, place in map_lines(template, rendered, "t.yaml").items()}


def test_literal_text_maps_to_itself() -> None:
    text = "a:\n  b: 1\n\n# note\n  c: [1, 2]\n"
    assert origins(text, text) == {1: 1, 2: 2, 4: 4, 5: 5}


def test_a_place_spans_the_lines_content() -> None:
    (place,) = map_lines("a:\n    b: {{ .Values.b }}  \n", "b: 1\n", "t.yaml").values() or (None,)
    assert place is not None
    assert (place.path, place.line, place.column, place.end_column, place.exact) == ("t.yaml", 2, 5, 23, True)


def test_actions_match_anything_on_their_line() -> None:
    template = 'name: {{ .Release.Name }}-{{ .Chart.Name }}\nimage: "{{ .Values.image }}:{{ .Values.tag }}"\n'
    assert origins(template, 'name: a-b\nimage: "x:5000/y:1"\n') == {1: 1, 2: 2}


def test_an_empty_value_leaves_no_trailing_space() -> None:
    assert origins("a: {{ .Values.a }}\nb: 1\n", "a:\nb: 1\n") == {1: 1, 2: 2}


def test_branches_that_were_not_taken_are_skipped() -> None:
    template = "{{- if .Values.a }}\nx: 1\n{{- else if .Values.b }}\ny: 1\n{{- else }}\nz: 1\n{{- end }}\nend: 1\n"
    assert origins(template, "x: 1\nend: 1\n") == {1: 2, 2: 8}
    assert origins(template, "y: 1\nend: 1\n") == {1: 4, 2: 8}
    assert origins(template, "z: 1\nend: 1\n") == {1: 6, 2: 8}
    assert origins(template, "end: 1\n") == {1: 8}


def test_branches_that_print_the_same_are_not_told_apart() -> None:
    template = "{{- if .Values.a }}\nx: 1\n{{- else }}\nx: 1\n{{- end }}\nend: 1\n"
    assert origins(template, "x: 1\nend: 1\n") == {2: 6}


def test_equal_lines_are_told_apart_by_what_stands_around_them() -> None:
    template = "first:\n  name: a\nsecond:\n  name: a\n"
    assert origins(template, template) == {1: 1, 2: 2, 3: 3, 4: 4}


def test_every_round_of_a_loop_maps_to_the_loops_body() -> None:
    template = "ports:\n{{- range .Values.ports }}\n- name: {{ .name }}\n  port: {{ .port }}\n{{- end }}\nend: 1\n"
    rendered = "ports:\n- name: a\n  port: 1\n- name: b\n  port: 2\nend: 1\n"
    assert origins(template, rendered) == {1: 1, 2: 3, 3: 4, 4: 3, 5: 4, 6: 6}
    assert origins(template, "ports:\nend: 1\n") == {1: 1, 2: 6}


def test_break_and_continue_and_an_empty_loops_else() -> None:
    template = (
        "{{ range .Values.a }}\n{{ if .skip }}{{ continue }}{{ end }}\n- {{ .x }}\n"
        "{{ if .last }}{{ break }}{{ end }}\n{{ else }}\nnone: 1\n{{ end }}\nend: 1\n"
    )
    assert origins(template, "- 1\n- 2\nend: 1\n") == {1: 3, 2: 3, 3: 8}
    assert origins(template, "none: 1\nend: 1\n") == {1: 6, 2: 8}


def test_the_lines_of_a_block_map_to_its_action() -> None:
    template = 'a:\n  {{- toYaml .Values.a | nindent 2 }}\nb:\n{{ include "x" . | indent 2 }}\nc: 1\n'
    rendered = "a:\n  k: 1\n  l:\n    m: 2\nb:\n  x: 1\nc: 1\n"
    assert origins(template, rendered) == {1: 1, 2: 2, 3: 2, 4: 2, 5: 3, 6: 4, 7: 5}


def test_a_block_alone_on_its_line_may_have_any_indentation() -> None:
    assert origins('{{ include "all" . }}\nend: 1\n', "a: 1\nb:\n  c: 1\nend: 1\n") == {1: 1, 2: 1, 3: 1, 4: 2}


def test_lines_that_two_blocks_could_have_printed_have_no_place() -> None:
    template = 'labels:\n  {{- include "a" . | nindent 2 }}\n  {{- toYaml .Values.b | nindent 2 }}\nend: 1\n'
    assert origins(template, "labels:\n  a: 1\n  b: 2\nend: 1\n") == {1: 1, 4: 4}


def test_a_block_cannot_have_printed_lines_that_are_indented_less() -> None:
    template = "a:\n    {{- toYaml .x | nindent 4 }}\n{{- with .Values.b }}\n  b: 1\n{{- end }}\n  c: 1\n"
    assert origins(template, "a:\n    k: 1\n  b: 1\n  c: 1\n") == {1: 1, 2: 2, 3: 4, 4: 6}


def test_comments_assignments_and_definitions_print_nothing() -> None:
    template = (
        '{{- /* a comment with }} and {{ in it */ -}}\n{{- $a := .Values.a -}}\n{{ define "x" }}\nb: 1\n{{ end }}\n'
        "a: {{ $a }}\n{{/* other */}}\nb: 1\n"
    )
    assert origins(template, "a: 1\n\nb: 1\n") == {1: 6, 3: 8}


def test_trim_markers_join_lines() -> None:
    template = "a:\n  {{- 1 -}}\n  , b\nc: 1\n"
    assert origins(template, "a:1, b\nc: 1\n") == {1: 1, 2: 4}


def test_strings_in_actions_may_hold_braces_and_quotes() -> None:
    template = 'a: {{ "}}" }}\nb: {{ `{{ " }}` }}\nc: {{ \'"\' }}\nd: {{ "\\"}}" }}\n'
    assert origins(template, "a: 1\nb: 2\nc: 3\nd: 4\n") == {1: 1, 2: 2, 3: 3, 4: 4}


def test_windows_line_endings() -> None:
    template = "a: 1\r\n{{- if .x }}\r\nb: {{ .y }}\r\n{{- end }}\r\nc: 1\r\n"
    assert origins(template, "a: 1\r\nb: 2\r\nc: 1\r\n") == {1: 1, 2: 3, 3: 5}


def test_several_documents() -> None:
    template = "---\nkind: A\nname: x\n---\n{{- if .b }}\nkind: B\nname: x\n---\n{{- end }}\nkind: C\nname: x\n"
    rendered = "kind: A\nname: x\n---\nkind: C\nname: x\n"
    assert origins(template, rendered) == {1: 2, 2: 3, 4: 10, 5: 11}


def test_documents_may_come_in_another_order() -> None:
    template = "kind: A\nname: x\n---\nkind: B\nname: x\n"
    assert origins(template, "kind: B\nname: x\n---\nkind: A\nname: x\n") == {1: 4, 2: 5, 4: 1, 5: 2}


def test_output_that_the_template_cannot_explain_is_trusted_only_where_it_is_unique() -> None:
    template = "a: {{ .x }}\nb: {{ .y }}\nname: 1\nc: 1\nname: 1\nd: 1\n"
    rendered = "a: 1\nunexpected: 1\nname: 1\nc: 1\nname: 1\nd: 1\n"
    # only line 2 cannot be explained; what follows it is found again by what stands around it
    assert origins(template, rendered) == {1: 1, 3: 3, 4: 4, 5: 5, 6: 6}
    assert origins(template, "name: 1\nunexpected: 1\n") == {}


def test_a_template_that_is_none_maps_nothing() -> None:
    for template in (
        "{{ if .a }}\nx: 1\n",
        "{{ end }}\nx: 1\n",
        "{{ .a \nx: 1\n",
        '{{ "a }}\nx: 1\n',
        "{{ else }}x: 1",
    ):
        assert parse_template(template) is None
        assert origins(template, "x: 1\n") == {}


def test_hostile_templates_end_without_places() -> None:
    loops = "{{ range .a }}" * 300 + "x{{ .b }}x" + "{{ end }}" * 300
    holes = "a" + "{{ .x }}a" * 400 + "\n"
    optional = "{{ if .a }}\n  {{ .x }}\n{{ end }}" * 2000
    assert origins(loops, "x" * 2000 + "\n") == {}
    assert origins(holes, "a" * 3000 + "\n") == {}
    assert origins(optional, "  y\n" * 500) == {}


def test_no_output_has_no_places() -> None:
    assert origins("a: 1\n", "") == {}
    assert origins("", "a: 1\n") == {}
    assert origins("{{- if .x }}\na: 1\n{{- end }}\n", "\n") == {}


_WORDS = st.text('abc:- #"[]é', min_size=1, max_size=8).map(str.strip).filter(lambda word: word and set(word) != {"-"})
_LINES = st.lists(st.tuples(st.integers(0, 3), _WORDS), max_size=12)


@given(_LINES)
def test_literal_templates_are_the_identity(parts: list[tuple[int, str]]) -> None:
    lines = ["  " * depth + word for depth, word in parts]
    text = "".join(f"{line}\n" for line in lines)
    assert origins(text, text) == {number: number for number in range(1, len(lines) + 1)}


class Printed(NamedTuple):
    """Template text, what it printed, and for each printed line the template line that it came from."""

    template: list[str]
    rendered: list[tuple[str, int]]

    def shifted(self, lines: int) -> list[tuple[str, int]]:
        return [(text, line + lines) for text, line in self.rendered]


def _sequence(parts: list[Printed]) -> Printed:
    template: list[str] = []
    rendered: list[tuple[str, int]] = []
    for part in parts:
        rendered += part.shifted(len(template))
        template += part.template
    return Printed(template, rendered)


def _wrapped(head: str, part: Printed, times: int) -> Printed:
    return Printed([head, *part.template, "{{- end }}"], part.shifted(1) * times)


_KEYS = st.sampled_from(["a", "b", "c", "name"])
_LEAF = st.one_of(
    _KEYS.map(lambda key: Printed([f"{key}: 1"], [(f"{key}: 1", 1)])),
    st.tuples(_KEYS, _KEYS).map(lambda kv: Printed([f"{kv[0]}: {{{{ .v }}}}"], [(f"{kv[0]}: {kv[1]}", 1)])),
    st.lists(_KEYS, max_size=3).map(
        lambda keys: Printed(["{{- toYaml .v | nindent 2 }}"], [(f"  {key}: 1", 1) for key in keys])
    ),
)


def _compound(parts: st.SearchStrategy[Printed]) -> st.SearchStrategy[Printed]:
    body = st.lists(parts, min_size=1, max_size=3).map(_sequence)
    return st.one_of(
        st.builds(lambda part, taken: _wrapped("{{- if .v }}", part, int(taken)), body, st.booleans()),
        st.builds(lambda part, rounds: _wrapped("{{- range .v }}", part, rounds), body, st.integers(0, 3)),
    )


@given(st.lists(st.recursive(_LEAF, _compound, max_leaves=6), max_size=6).map(_sequence))
def test_a_place_is_never_wrong(printed: Printed) -> None:
    template = "start: 1\n" + "\n".join([*printed.template, "end: 1", ""])
    lines = [("start: 1", 1), *printed.shifted(1), ("end: 1", len(printed.template) + 2)]
    rendered = "".join(f"{text}\n" for text, _ in lines)
    for number, line in origins(template, rendered).items():
        assert line == lines[number - 1][1]

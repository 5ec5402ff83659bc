"""Which variables and references Kyverno refuses, and where the finding stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kyverno_objects import found, paths, policy

from policylint.admission.kyverno.variable_lists import Allowed, Defect, defect_in
from policylint.admission.kyverno.variables import problems

MESSAGE = "spec.rules[0].validate.message"


def with_message(message: str, spec: str = "", rule: str = "") -> str:
    return policy(
        f"""
        {spec or "background: true"}
        rules:
        - name: one
          match: {{any: [{{resources: {{kinds: [ConfigMap]}}}}]}}
          {rule or "preconditions: {}"}
          validate:
            message: {message!r}
            pattern: {{metadata: {{name: "a*"}}}}
        """
    )


def said(message: str, spec: str = "", rule: str = "") -> list[tuple[str, str]]:
    return found(problems, with_message(message, spec, rule))


@pytest.mark.parametrize(
    "variable",
    [
        "request.object.metadata.name",
        "images.containers.*.tag",
        "element",
        "@",
        "to_upper(x)",
        "no_such_function(x)",
        "anything.image.of",
        "my_request.x",
        "request.object.metadata.{{ request.object.kind }}",
        "- request.object.metadata.name",
    ],
)
def test_what_is_known_in_the_background(variable: str) -> None:
    # a loop's variable outside of a loop is another matter
    assert [message for _, message in said(f"{{{{ {variable} }}}}") if "foreach" not in message] == []


@pytest.mark.parametrize("variable", ["foo", "foo.bar", "request", "image", "target.x", '"request-x".y', "a || b"])
def test_what_is_not(variable: str) -> None:
    (problem,) = said(f"is {{{{ {variable} }}}}")

    assert problem[0] == MESSAGE
    assert problem[1].endswith(": Kyverno refuses this policy")


def test_what_a_request_knows_and_a_scan_does_not() -> None:
    text = "{{ image }}"

    assert said(text) == [
        (MESSAGE, "the variable {{ image }} is not known to background scans: Kyverno refuses this policy")
    ]
    assert said(text, "background: false") == []


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("serviceAccountName", "serviceAccountName"),
        ("to_upper(request.userInfo.username)", "request.userInfo"),
        ("request.object.x || request.roles[0]", "request.roles"),
    ],
)
def test_who_asks_is_not_known_to_scans(variable: str, name: str) -> None:
    assert said(f"{{{{ {variable} }}}}") == [
        (
            MESSAGE,
            f"the variable {{{{ {variable} }}}} uses {name}, which background scans do not know:"
            " Kyverno refuses this policy",
        )
    ]
    assert said(f"{{{{ {variable} }}}}", "background: false") == []


def test_a_field_of_that_name_is_no_user() -> None:
    assert said("{{ request.object.spec.serviceAccountName }}") == []


def test_a_policy_for_existing_objects_may_ask_who_except_in_match() -> None:
    text = policy(
        """
        rules:
        - name: one
          match: {any: [{resources: {kinds: [ConfigMap]}, roles: ["a:b"]}]}
          mutate:
            targets: [{apiVersion: v1, kind: Secret, name: x}]
            patchStrategicMerge: {data: {by: "{{ request.userInfo.username }}"}}
        """
    )

    assert found(problems, text) == [
        (
            "spec.rules[0].match.any[0].roles",
            "match asks for roles, which background scans do not know: Kyverno refuses this policy",
        )
    ]


@pytest.mark.parametrize(
    ("variable", "reason"),
    [
        (
            "request.object.",
            "a variable cannot be read: invalid JMESPath 'request.object.': it ends too early at column 16",
        ),
        ("", "a variable cannot be read: the variable is empty"),
        ("request.a[{{ request.b }}]", "a variable cannot be read: invalid JMESPath 'request.a[null]'"),
    ],
)
def test_what_is_no_expression(variable: str, reason: str) -> None:
    (problem,) = said(f"{{{{{variable}}}}}")

    assert problem[1].startswith(reason)


@pytest.mark.parametrize("text", ["\\{{ foo }}", "{{ foo }", "{{ foo } }", "{ foo }"])
def test_what_is_no_variable(text: str) -> None:
    assert said(text) == []


def test_names_of_context_entries_are_known_to_the_rule() -> None:
    context = "context: [{name: mine, apiCall: {urlPath: /api}}, {name: map, configMap: {name: a, namespace: b}}]"

    assert said("{{ mine.a }} {{ mineral }} {{ map.data.x }} {{ map.metadata }}", rule=context) == []
    assert [path for path, _ in said("{{ map.items }}", rule=context)] == [MESSAGE]


def test_names_of_inner_loops_are_not_known() -> None:
    text = policy(
        """
        rules:
        - name: one
          match: {any: [{resources: {kinds: [ConfigMap]}}]}
          validate:
            foreach:
            - list: request.object.a
              context: [{name: outer, variable: {value: 1}}]
              foreach:
              - list: element.b
                context: [{name: inner, variable: {value: 1}}]
                deny: {conditions: {all: [{key: "{{ outer }}", operator: Equals, value: "{{ inner }}"}]}}
        """
    )

    assert paths(problems, text) == ["spec.rules[0].validate.foreach[0].foreach[0].deny.conditions.all[0].value"]


def test_an_attestation_is_known_where_images_are_validated() -> None:
    entry = """
        background: false
        rules:
        - name: one
          match: {any: [{resources: {kinds: [Pod]}}]}
          verifyImages:
          - imageReferences: ["*"]
            mutateDigest: false
            attestations: [{name: sbom, type: x}]
            validate: {message: "{{ sbom.parts }}", deny: {}}
        """

    assert paths(problems, policy(entry)) == []
    assert paths(problems, policy(entry.replace("sbom.", "slsa."))) == [
        "spec.rules[0].verifyImages[0].validate.message"
    ]


def test_a_loop_variable_outside_of_a_loop() -> None:
    assert said("{{ elementIndex }}", "background: false") == [
        (
            MESSAGE,
            "the variable {{ elementIndex }} is only known inside a foreach: Kyverno refuses this policy",
        )
    ]


def test_references_name_places_of_the_rule() -> None:
    assert said("$(./../pattern/metadata/name)") == []
    assert said("$(./../pattern/metadata/names)") == [
        (
            MESSAGE,
            "the reference $(./../pattern/metadata/names) names /validate/pattern/metadata/names,"
            " where the rule has no value: Kyverno refuses this policy",
        )
    ]


def test_rules_for_controllers_are_judged_and_shown_at_their_source() -> None:
    text = policy(
        """
        rules:
        - name: one
          match: {any: [{resources: {kinds: [Pod]}}]}
          validate:
            message: x
            pattern:
              spec: {a: "1", b: $(/validate/pattern/spec/a)}
        """
    )

    ((path, message),) = found(problems, text)
    assert path == "spec.rules[0].validate.pattern.spec.b"
    assert message.startswith("in the rule for pod controllers, the reference $(/validate/pattern/spec/a) names")


def test_what_is_mutated_when_the_policy_changes_is_judged_as_in_the_background() -> None:
    spec = """
        background: false
        rules:
        - name: one
          match: {any: [{resources: {kinds: [ConfigMap]}}]}
          mutate:
            mutateExistingOnPolicyUpdate: %s
            targets: [{apiVersion: v1, kind: Secret, name: x}]
            patchStrategicMerge: {data: {by: "{{ serviceAccountNamespace }}"}}
        """

    assert paths(problems, policy(spec % "false")) == []
    assert paths(problems, policy(spec % "true")) == ["spec.rules[0].mutate.patchStrategicMerge.data.by"]


@given(st.text(alphabet="{}- ab.@'\"`[]$()\\", max_size=40))
def test_any_text_has_a_verdict(text: str) -> None:
    defect = defect_in(text, Allowed.of({}, background=True, target=False))

    assert defect is None or isinstance(defect, Defect)
    if "{{" not in text:
        assert defect is None

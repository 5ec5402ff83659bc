"""Writes the tables of policy kinds' schemas, which admission/schema reads.

    python tools/make_policy_schemas.py PACKAGE RULES [--out FOLDER]

PACKAGE is the unpacked npm package `@kubernetes-models/kyverno` 2.0.0 (MIT; types generated from kyverno/kyverno and
kyverno/api): it says which fields there are. RULES is a JSON file of what the CustomResourceDefinitions of Kyverno 1.19
demand: for `<kind>/<apiVersion>` whether it is served and deprecated, and `rules` as `[path, keyword, value]`. What
both lack is in policy_types.yaml beside this script. Nothing is downloaded.

A table is `{"kinds": {"<apiVersion>/<kind>": {"node", "storage", "deprecated"}}, "nodes": [...]}`; a node's
`properties`, `items` and `values` are indices into `nodes`, so that what occurs often (selectors, contexts, attestors)
is there once.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]

_TOKEN = re.compile(r'\s+|/\*.*?\*/|"([^"]*)"|([A-Za-z_$][\w$]*)|([{}\[\]<>|;:?])', re.DOTALL)
_TYPE = re.compile(r"export (?:type I\w+ = |interface I\w+(?: extends (\w+))? )")
_NAME = re.compile(r"export type \{ \w+ as I(\w+)")
_STEP = re.compile(r"([^.\[\]{}]+)|(\[\]|\{\})")
_SCALARS = ("string", "boolean", "integer")
_LIST_OF = "Array"
# the objects of these groups are nobody's to write
_INTERNAL = ("UpdateRequest",)
# the CRDs keep unknown fields here (marker PreserveUnknownFields on `preconditions` of foreach)
_KEPT = re.compile(r"AnyAllConditions$")
_EXACTLY_ONE = "oneOf"


class Types:
    """The types of the package by name, as trees of nodes."""

    def __init__(self, package: Path, known: dict[str, Any]) -> None:
        self._texts: dict[str, tuple[str | None, str]] = {}
        self._known = {name: written(value) for name, value in known.items()}
        for file in sorted(package.rglob("*.d.ts")):
            text = file.read_text()
            start, name = _TYPE.search(text), _NAME.search(text)
            if start is not None and name is not None:
                self._texts[name[1]] = (start[1], text[start.end() :])

    def tree(self, name: str) -> Node:
        name = name.removeprefix("I") if name.startswith(("IIo", "ICom")) else name
        if name not in self._texts:
            return self._foreign(name)
        parent, text = self._texts[name]
        node, _ = self._parse(_tokens(text), 0)
        if name.endswith("V1alpha1Any"):
            return {}
        if parent and parent != "TypeMeta":
            inherited = self.tree(parent)
            node["properties"] = {**inherited["properties"], **node.get("properties", {})}
        if _KEPT.search(name):
            node["open"] = True
        return node

    def _foreign(self, name: str) -> Node:
        for short, node in self._known.items():
            if re.search(rf"(?:V1|Runtime|PkgRuntime){short}$", name):
                return node
        raise SystemExit(f"no field list for {name}: add one to policy_types.yaml")

    def _parse(self, tokens: list[str], at: int) -> tuple[Node, int]:
        word = tokens[at]
        if word == "{":
            return self._object(tokens, at + 1)
        if word == _LIST_OF:
            item, at = self._parse(tokens, at + 2)
            return {"type": "array", "items": item}, at + 1
        if word.startswith('"'):
            while tokens[at + 1] == "|":
                at += 2
            return {"type": "string"}, at + 1
        if word in ("any", "string", "boolean", "number"):
            return {} if word == "any" else {"type": "integer" if word == "number" else word}, at + 1
        return self.tree(word), at + 1

    def _object(self, tokens: list[str], at: int) -> tuple[Node, int]:
        node: Node = {"type": "object", "properties": {}}
        while tokens[at] != "}":
            if tokens[at] == "[":  # [key: string]: type
                node["values"], at = self._parse(tokens, at + 6)
            else:
                key = tokens[at].strip('"')
                at += 2 if tokens[at + 1] == ":" else 3
                node["properties"][key], at = self._parse(tokens, at)
            at += tokens[at] == ";"
        return node, at + 1


def _tokens(text: str) -> list[str]:
    """The tokens of the type's declaration; strings keep their quotes."""
    found: list[str] = []
    position = 0
    while (match := _TOKEN.match(text, position)) is not None:
        position = match.end()
        if match[1] is not None:
            found.append(f'"{match[1]}"')
        elif match.lastindex:
            found.append(match[match.lastindex])
    return found


def written(value: Any) -> Node:
    """The node for a field list of policy_types.yaml."""
    if isinstance(value, list):
        return {"type": "array", "items": written(value[0])}
    if isinstance(value, dict):
        fields = {key: written(item) for key, item in value.items() if key != "*"}
        node: Node = {"type": "object", "properties": fields}
        return {**node, "values": written(value["*"])} if "*" in value else node
    if value == "any":
        return {}
    if value == "object":
        return {"type": "object", "open": True}
    if value not in _SCALARS:
        raise SystemExit(f"{value!r} is no type")
    return {"type": value}


def place(root: Node, path: str) -> Node | None:
    """The node at `path` such as `spec.rules[].match`, `{}` standing for a map's values."""
    node = root
    for name, collection in _STEP.findall(path):
        child = node.get("properties", {}).get(name) if name else node.get("items" if collection == "[]" else "values")
        if child is None:
            return None
        node = child
    return node


def add(root: Node, path: str, value: Any) -> None:
    """Adds a field that the types lack."""
    parent, _, name = path.rpartition(".")
    node = place(root, parent)
    if node is None or name in node["properties"]:
        raise SystemExit(f"{path} cannot be added")
    node["properties"][name] = written(value)


def apply(root: Node, path: str, keyword: str, value: Any) -> bool:
    """Adds a rule of the CRD at `path`; false when the types have no such place."""
    node = place(root, path)
    if node is None:
        return False
    if keyword == "x-kubernetes-validations":
        if [rule["message"] for rule in value] != ["exactly one of expression or template must be set"]:
            raise SystemExit(f"{path}: a CEL rule that is not known: {value}")
        node[_EXACTLY_ONE] = ["expression", "template"]
    elif keyword == "oneOf":
        node[_EXACTLY_ONE] = [alternative[0][1][0] for alternative in value]
    else:
        node[keyword] = value
    return True


class Table:
    """Nodes, each once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[str, int] = {}

    def add(self, node: Node) -> int:
        flat = dict(node)
        for key in ("items", "values"):
            if key in node:
                flat[key] = self.add(node[key])
        if "properties" in node:
            defaults = {name: child["default"] for name, child in node["properties"].items() if "default" in child}
            if defaults:
                flat["defaults"] = defaults
            flat["properties"] = {name: self.add(child) for name, child in sorted(node["properties"].items())}
            if not flat["properties"]:
                del flat["properties"]
        known = json.dumps(flat, sort_keys=True)
        if known not in self._known:
            self._known[known] = len(self.nodes)
            self.nodes.append(flat)
        return self._known[known]


def kind_node(spec: Node, metadata: Node) -> Node:
    fields = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": metadata,
        "spec": spec,
        "status": {},
    }
    return {"type": "object", "properties": fields}


def write(path: Path, comment: str, kinds: dict[str, tuple[Node, dict[str, bool]]]) -> None:
    table = Table()
    entries = {name: {"node": table.add(node), **flags} for name, (node, flags) in sorted(kinds.items())}
    path.write_text(
        json.dumps({"source": comment, "kinds": entries, "nodes": table.nodes}, separators=(",", ":")) + "\n"
    )
    sys.stdout.write(f"{path}: {len(entries)} kinds, {len(table.nodes)} nodes, {path.stat().st_size} bytes\n")


def _copied(node: Node) -> Node:
    return json.loads(json.dumps(node))  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("rules", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "src/policylint/admission/schema")
    arguments = parser.parse_args()
    own = yaml.safe_load(Path(__file__).with_name("policy_types.yaml").read_text())
    types = Types(arguments.package, own["kubernetes"])
    metadata = written(own["kubernetes"]["ObjectMeta"])
    rules = json.loads(arguments.rules.read_text())
    kinds: dict[str, tuple[Node, dict[str, bool]]] = {}
    sigstore: dict[str, tuple[Node, dict[str, bool]]] = {}
    for entry, facts in rules.items():
        kind, _, api_version = entry.partition("/")
        name = f"{api_version}/{kind}"
        flags = {key: True for key in ("deprecated", "storage") if facts[key]}
        if kind in _INTERNAL or not facts["served"]:
            continue
        if name in own["sigstore"]:
            sigstore[name] = (kind_node(written(own["sigstore"][name]), metadata), flags)
            continue
        group, _, version = api_version.partition("/")
        package = (
            "ComGithubKyvernoKyvernoApiKyverno" if group == "kyverno.io" else "ComGithubKyvernoApiApiPoliciesKyvernoIo"
        )
        tree = _copied(types.tree(f"{package}{version[0].upper()}{version[1:]}{kind}"))
        node = kind_node(tree["properties"]["spec"], metadata)
        node["required"] = ["spec"]
        for path, value in own["additions"].get(kind.removeprefix("Namespaced"), {}).items():
            if group != "kyverno.io":
                add(node, path, value)
        lost = [path for path, keyword, value in facts["rules"] if not apply(node, path, keyword, value)]
        for path in sorted(set(lost)):
            sys.stderr.write(f"{name}: the types have no {path}\n")
        kinds[name] = (node, flags)
    write(arguments.out / "kyverno.json", "Kyverno 1.19: CRDs; @kubernetes-models/kyverno 2.0.0: types", kinds)
    write(arguments.out / "sigstore.json", "policy-controller 0.13: CRDs", sigstore)


if __name__ == "__main__":
    main()

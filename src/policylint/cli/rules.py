"""`policylint rules`: every rule there is, as a table or as JSON."""

import argparse
import json
import sys

from policylint.cli.settings import add_configuration_arguments, read_configuration
from policylint.lint.describe import rule_record
from policylint.lint.selection import select_rules
from policylint.lint.session import all_rules


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_configuration_arguments(parser)
    parser.add_argument("--output-format", choices=("text", "json"), default="text")


def run(arguments: argparse.Namespace) -> int:
    """Prints the rules, each with whether it runs under the configuration that holds here."""
    config = read_configuration(arguments)
    rules = all_rules(config, arguments.allow_python_rules)
    selection = select_rules(
        rules, config, cli_select=arguments.select, cli_ignore=arguments.ignore, cli_profile=arguments.profile
    )
    active = {loaded.rule.id for loaded in selection.active}
    records = [rule_record(loaded, selection.severity, active) for loaded in rules]
    if arguments.output_format == "json":
        sys.stdout.write(json.dumps(records, indent=2, ensure_ascii=False) + "\n")
        return 0
    width = max(len(record["name"]) for record in records)
    longest = max(len(record["id"]) for record in records)
    for record in records:
        state = record["severity"] if record["active"] else "off"
        sys.stdout.write(f"{record['id']:<{longest}}  {record['name']:<{width}}  {state:<7}  {record['summary']}\n")
    return 0

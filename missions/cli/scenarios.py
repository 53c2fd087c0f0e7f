"""`jointpatrol scenarios`: the ready missions that come with the program."""

from __future__ import annotations

import typer

from missions.cli.output import JsonFlag, print_json, print_table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("scenarios")(list_scenarios)


def list_scenarios(json: JsonFlag = False) -> None:
    """List the ready missions.

    Their names can be used wherever a mission is asked for.
    """
    from missions.scenario_library import scenarios

    found = scenarios()
    if json:
        print_json({"scenarios": [{"name": each.name, "summary": each.summary, "folder": str(each.folder)} for each in found]})
        return
    print_table("", ("name", "what it is"), [(each.name, each.summary) for each in found])

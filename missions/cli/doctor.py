"""`jointpatrol doctor`: what is installed, found and missing, each with its mend."""

from __future__ import annotations

import typer

from missions.cli.output import JsonFlag, print_json, print_note, print_table, stdout_console


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(json: JsonFlag = False) -> None:
    """Say what is installed and what is missing.

    Exit code 1 when something needed is missing.
    """
    from missions.diagnosis import diagnose

    findings = diagnose()
    well = all(finding.found or not finding.needed for finding in findings)
    if json:
        print_json({"ok": well, "findings": [finding.document() for finding in findings]})
    else:
        print_table("", ("", "what", "found"), [(finding.mark, finding.name, finding.detail) for finding in findings])
        # each on a line of its own, whole, to be copied
        for finding in findings:
            if finding.mend:
                stdout_console().print(f"{finding.name}: {finding.mend}")
        print_note("everything needed is there" if well else "something needed is missing")
    raise typer.Exit(0 if well else 1)

"""`jointpatrol plan`: compute a plan, write it, and say what it asks of everybody."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from missions.cli.cluster_options import ClusterCaOption, ClusterCertOption, ClusterKeyOption, ClusterOption, chosen_clusters
from missions.cli.output import JsonFlag, print_json, print_note, print_table, progress_bar, stdout_console
from missions.errors import InputError

if TYPE_CHECKING:
    from missions.plan_summary import Load
    from missions.solve import SolveOrder
    from planner.model import Comparison, MissionSpec, PatrolFigures, Plan
    from planner.progress import Progress

DEFAULT_EFFORT: Final = 3
_MAX_SEED: Final = 2**31 - 1
_COLUMNS: Final = ("", "sorties ", "km ", "hours ", "Wh ")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(
    mission: Annotated[str, typer.Argument(metavar="MISSION", help="A mission file, its folder, or a scenario's name.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PLAN.json", help="Where to write, replacing what is there; else <name>.plan.json."),
    ] = None,
    effort: Annotated[
        int | None, typer.Option(min=1, max=5, help="How long to search, reproducibly.", show_default=str(DEFAULT_EFFORT))
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="S", min=0.0, help="Search for so many seconds instead; not reproducible.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=_MAX_SEED, help="Another seed, another search.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes; the plan is the same.", show_default="all cores")] = None,
    cluster: ClusterOption = None,
    cluster_ca: ClusterCaOption = None,
    cluster_cert: ClusterCertOption = None,
    cluster_key: ClusterKeyOption = None,
    json: JsonFlag = False,
) -> None:
    """Compute a plan and write it.

    Exit code 1 when it has violations or leaves ground that no drone can reach.
    """
    if effort is not None and time_limit is not None:
        raise InputError("give either --effort or --time-limit", key="--time-limit", value=time_limit, mend="leave one of them out")
    from missions.mission_file import load_mission
    from missions.plan_file import result_document, violation_document

    spec = load_mission(mission)
    target = _target(output, spec, mission)
    whole, own = chosen_clusters(spec, cluster, cluster_ca, cluster_cert, cluster_key, workers)
    told = _explained(spec, quiet=json)
    from missions.solve import SolveOrder, usable_cores
    from missions.spec_hash import spec_sha256

    order = SolveOrder(
        spec=spec,
        spec_sha256=spec_sha256(spec),
        seed=seed,
        effort=effort or DEFAULT_EFFORT,
        time_limit_s=time_limit,
        workers=workers or usable_cores(),
        cluster=whole,
        clusters=own,
    )
    made = _solved(order, mission)
    _write(made, target)
    if json:
        violations = [violation_document(violation) for violation in made.violations]
        print_json({"result": result_document(made.result), "violations": violations, "file": str(target)})
    else:
        _print_plan(made, target, told)
    raise typer.Exit(1 if made.violations or made.unreachable else 0)


def _explained(spec: MissionSpec, *, quiet: bool) -> tuple[str, ...]:
    """What is to be known about the agreements, said before anything is solved."""
    from planner.agreements import agreement_notes, rule_notes
    from planner.geo import LocalFrame
    from planner.timetable.deconflict import working_heights

    notes = (*agreement_notes(spec, working_heights(spec), LocalFrame.around([spec.area])), *rule_notes(spec))
    if not quiet:
        for note in notes:
            stdout_console().print(f"agreement: {note}")
    return notes


def _target(output: Path | None, spec: MissionSpec, mission: str) -> Path:
    """Where the plan will go, checked before the work: nobody waits for a plan that cannot be written."""
    target = output if output is not None else Path(f"{slug(spec.name)}.plan.json")
    try:
        if output is None and target.exists():
            raise InputError("exists already", file=str(target), mend=f"give -o {target} to replace it")
        if target.is_dir():
            raise InputError("is a folder", file=str(target), mend="give a file's name with -o")
        if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
            raise InputError("cannot be written: no such folder, or no permission", file=str(target), mend="give another -o")
        same = target.exists() and Path(mission).is_file() and target.samefile(mission)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be written: {error}", file=str(target), mend="give another -o") from error
    if same:
        raise InputError("is the mission file", file=str(target), mend="give another -o")
    return target


def slug(name: str) -> str:
    """A mission's name as part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64] or "mission"


def _solved(order: SolveOrder, mission: str) -> Plan:
    from missions.solve import solve
    from planner.errors import PlannerError

    with progress_bar(order.spec.name) as show:

        def tell(progress: Progress) -> None:
            show(progress.stage, progress.fraction)

        try:
            return solve(order, tell)
        except PlannerError as error:
            raise InputError(str(error), file=mission, mend="correct the mission file") from error


def _write(made: Plan, target: Path) -> None:
    from missions.plan_file import write_plan

    try:
        write_plan(made, target)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=str(target), mend="give another -o") from error


def _print_plan(made: Plan, target: Path, told: Collection[str] = ()) -> None:
    from missions.plan_summary import nation_loads, total_load

    loads = nation_loads(made)
    rows: list[tuple[str, ...]] = []
    for nation in loads:
        rows.append(_row(f"{nation.nation} {nation.name}", nation.total))
        rows.extend(_row(f"  {drone}", load) for drone, load in nation.drones)
    rows.append(_row("all", total_load(loads)))
    print_table(made.name, _COLUMNS, rows)
    console = stdout_console()
    for line in _figures(made):
        console.print(line)
    if made.comparison is not None:
        _print_comparison(made.comparison)
    for note in made.notes:
        if note not in told:
            console.print(f"note: {note}")
    for violation in made.violations:
        from missions.cli.check import violation_line

        console.print(f"violation: {violation_line(violation)}")
    for part in made.unreachable:
        console.print(f"unreachable: {_km2(part.polygon):.3f} km2: {part.reason}")
    print_note(f"written to {target}")


def _print_comparison(comparison: Comparison) -> None:
    """The joint plan beside the nations' separate ones."""
    rows: list[tuple[str, ...]] = []
    for name, plan in (("separate", comparison.separate), ("joint", comparison.joint)):
        rows += [_tally_row(f"{name} {each.nation}", each.length_m, each.airborne_s, each.home_s) for each in plan.nations]
        length_m, airborne_s = (sum(getattr(each, part) for each in plan.nations) for part in ("length_m", "airborne_s"))
        rows.append((*_tally_row(f"{name}, all", length_m, airborne_s, plan.makespan_s)[:-1], _clock(plan.revisit_s)))
    print_table("Jointly against separately", ("", "km ", "hours ", "last home ", "revisit "), rows)
    gain_s = comparison.separate.makespan_s - comparison.joint.makespan_s
    part = 100 * gain_s / comparison.separate.makespan_s if comparison.separate.makespan_s > 0 else 0.0
    seen = 100 * (comparison.joint.coverage - comparison.separate.coverage)
    also = f" and sees {seen:.2f} % more" if seen >= 0.01 else ""
    words = f"flying jointly brings the last drone home {_clock(gain_s)} ({part:.1f} %) earlier{also}"
    stdout_console().print(words if comparison.joint_is_flown else "flying jointly brings nothing here: the separate plans are flown")


def _tally_row(name: str, length_m: float, airborne_s: float, home_s: float) -> tuple[str, ...]:
    return name, f"{length_m / 1000:.1f}", f"{airborne_s / 3600:.2f}", _clock(home_s), ""


def _row(name: str, load: Load) -> tuple[str, ...]:
    return name, str(load.sorties), f"{load.length_m / 1000:.1f}", f"{load.airborne_s / 3600:.2f}", f"{load.energy_wh:.0f}"


def _figures(made: Plan) -> list[str]:
    result = made.result
    gap = "unknown" if result.gap is None else f"{100 * result.gap:.1f} %"
    lines = [
        f"makespan {_clock(result.makespan_s)}, lower bound {_clock(result.makespan_bound_s)}, gap {gap}",
        f"length {result.length_m / 1000:.1f} km, lower bound {result.length_bound_m / 1000:.1f} km",
        f"coverage {100 * result.coverage:.2f} % of what can be covered, {100 * result.coverage_of_area:.2f} % of the area",
    ]
    if any(each.seen < 1.0 or each.worst_s is not None for each in result.patrols):
        lines += [_patrol_line(each) for each in result.patrols]
    shares = ", ".join(f"{nation} {100 * share:.1f} %" for nation, share in result.share.items())
    return [*lines, f"share of the sweeping: {shares}"] if shares else lines


def _patrol_line(figures: PatrolFigures) -> str:
    line = f"patrol {figures.patrol}: {100 * figures.seen:.2f} % seen"
    if figures.worst_s is not None:
        line += f", again after {_clock(figures.worst_s)} at most"
    if figures.bound_s is not None:
        line += f" (lower bound {_clock(figures.bound_s)})"
    return line if figures.entropy_bits is None else f"{line}, launches unpredictable by {figures.entropy_bits:.1f} bits"


def _clock(seconds: float) -> str:
    if seconds < 0:
        return f"-{_clock(-seconds)}"
    whole = round(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d} h"


def _km2(polygon: object) -> float:
    from planner.geo import Geographic, geodesic_area_m2

    assert isinstance(polygon, Geographic)
    return geodesic_area_m2(polygon) / 1e6

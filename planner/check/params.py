"""How strictly a plan is judged: tolerances and resolutions, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckParams:
    """The defaults are those of docs/plan_file.md, "What a plan must satisfy"."""

    #: Places and heights may be off by this much.
    tolerance_m: float = 1.0
    #: Times may be off by this much.
    tolerance_s: float = 0.1
    #: A drone's swath is computed, not measured, so only rounding is forgiven.
    swath_tolerance_m: float = 0.1
    #: Stated energies agree with power times duration within this part.
    energy_tolerance: float = 0.01
    #: Stated coverable ground and coverages agree with those found within this part.
    coverage_tolerance: float = 0.001
    #: Forgives the last digits of a floating point coverage, nothing more.
    coverage_rounding: float = 1e-6
    #: No segment of a leg may be longer.
    max_segment_m: float = 5_000.0
    #: A turn below this does not end a copter's straight run.
    straight_deg: float = 1.0
    #: What writing coordinates to seven decimals may shift a point by: it tilts short segments.
    coordinate_step_m: float = 0.01
    #: Ungrown keep-outs (buffers below `tolerance_m`) forgive only this, so that thin ones are not missed.
    bare_keep_out_tolerance_m: float = 0.25
    #: Corners of grown shapes: 64 segments a quarter leave the polygon within 0.03 % of the radius of the true circle.
    quad_segs: int = 64
    #: Edges are straight in degrees (RFC 7946, 3.1.1); cut into steps this long they also are in a local frame, to 0.1 m.
    edge_step_deg: float = 0.02
    #: Swaths are overlaid on this grid: where their edges all but coincide, GEOS loses whole ones without it.
    grid_m: float = 1e-6
    #: A plan wider than one local frame is cut into squares of this side, one frame each.
    tile_side_m: float = 200_000.0
    #: Trajectories are compared in time slabs of at least this length, and at most so many of them.
    slab_s: float = 120.0
    max_slabs: int = 2_000
    #: About so many pieces of trajectories are searched at once.
    at_once: int = 20_000


DEFAULT = CheckParams()

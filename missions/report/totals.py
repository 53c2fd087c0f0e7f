"""Figures that page and paper make of the whole account, and what computed them."""

from __future__ import annotations

import platform
from collections import defaultdict
from importlib import metadata
from typing import Final

from missions.report.account import Effort, FlightAccount
from missions.report.energy import sum_energies

_PACKAGES: Final = ("jointpatrol", "shapely", "pyproj", "numpy")


def total(account: FlightAccount) -> Effort:
    """Of all drones, as flown."""
    return Effort(
        time_s=sum(drone.flown.time_s for drone in account.drones),
        length_m=sum(drone.flown.length_m for drone in account.drones),
        energy=sum_energies([drone.flown.energy for drone in account.drones]),
    )


def planned_wh(account: FlightAccount) -> float:
    return sum(drone.planned.energy.wh for drone in account.drones)


def energy_sources(account: FlightAccount) -> dict[str, list[str]]:
    """Where energies come from -> whose."""
    drones: dict[str, list[str]] = defaultdict(list)
    for drone in account.drones:
        drones[drone.flown.energy.source.value].append(drone.drone)
    return dict(drones)


def versions() -> dict[str, str]:
    """Of what computes the figures."""
    found = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "(source tree)"
    return found

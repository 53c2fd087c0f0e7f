"""What flying costs by a tariff: per hour in the air, per kilometre, per sortie and per kilowatt-hour, planned and flown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from missions.report.account import DroneAccount, Effort, FlightAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """In any currency; `currency` is what the report writes beside the figures."""

    currency: str = ""
    per_hour: float = 0.0
    per_km: float = 0.0
    per_sortie: float = 0.0
    per_kwh: float = 0.0

    @property
    def says_anything(self) -> bool:
        return any((self.per_hour, self.per_km, self.per_sortie, self.per_kwh))

    @property
    def text(self) -> str:
        return (
            f"{self.per_hour:g} an hour in the air, {self.per_km:g} a kilometre, {self.per_sortie:g} a sortie, "
            f"{self.per_kwh:g} a kilowatt-hour; given with the command, not with the plan."
        )

    def of(self, effort: Effort, sorties: int) -> float:
        hours, km, kwh = effort.time_s / 3600, effort.length_m / 1000, effort.energy.wh / 1000
        return self.per_hour * hours + self.per_km * km + self.per_sortie * sorties + self.per_kwh * kwh


NO_TARIFF = Tariff()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of a nation's drones; `nation` is None for everybody's."""

    nation: str | None
    planned: float
    flown: float


def costs(account: FlightAccount, tariff: Tariff) -> list[Cost]:
    """Nation by nation, and all together; empty without a tariff."""
    if not tariff.says_anything:
        return []
    by_nation = [(nation.nation, [drone for drone in account.drones if drone.nation == nation.nation]) for nation in account.nations]
    return [_cost(nation, drones, tariff) for nation, drones in (*by_nation, (None, account.drones))]


def _cost(nation: str | None, drones: Sequence[DroneAccount], tariff: Tariff) -> Cost:
    return Cost(
        nation=nation,
        planned=sum(tariff.of(drone.planned, drone.sorties_planned) for drone in drones),
        flown=sum(tariff.of(drone.flown, drone.sorties_flown) for drone in drones),
    )

"""Everything the window works on, put together once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gui.background import Background
from gui.documents import Documents
from gui.editing import Editing
from gui.exporting import Exports
from gui.fleet_feed import FleetFeed
from gui.flight import Flight
from gui.ground import GroundFiles
from gui.models.alternatives import Alternatives
from gui.models.fleet import FleetModel
from gui.models.map_model import MapModel, Tool
from gui.models.notices import Notices
from gui.models.recent import Recent
from gui.models.selection import Selection
from gui.models.shape_edit import ShapeEdit
from gui.models.tracks import Tracks
from gui.models.units import UnitsChoice
from gui.new_mission import NewMissions
from gui.orders import Orders
from gui.planning import Planning
from gui.real_vehicles import RealVehicles
from gui.replay import Replay
from gui.reporting import Reports
from gui.simulation import Simulation
from gui.tile_images import TileImages


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """`now_s` is the clock by which ages of data are told: this computer's, or that of the flight that is replayed."""

    now_s: Callable[[], float]
    background: Background
    map: MapModel
    fleet: FleetModel
    tracks: Tracks
    units: UnitsChoice
    selection: Selection
    notices: Notices
    documents: Documents
    recent: Recent
    ground: GroundFiles
    tiles: TileImages
    new_missions: NewMissions
    editing: Editing
    shapes: ShapeEdit
    planning: Planning
    alternatives: Alternatives
    exports: Exports
    flight: Flight
    replay: Replay
    reports: Reports
    orders: Orders
    simulation: Simulation
    real_vehicles: RealVehicles

    def can_edit(self) -> bool:
        """What is flown or being planned is not changed under anybody's hands."""
        return self.editing.history is not None and not self.flight.busy and not self.planning.busy

    def close(self) -> None:
        """End every thread and the solver; drones and mission control are not touched."""
        self.planning.cancel()
        self.real_vehicles.stop()
        self.replay.pause()
        self.flight.leave()
        self.background.close()


def make_desk(
    *,
    state_folder: Path,
    flights_in: Path,
    open_folder: Callable[[str], None],
    remember_patrol: Callable[[str], None],
    now_s: Callable[[], float],
) -> Desk:
    """`state_folder` is where mission control's start and plans that were not saved leave files; reports go below `flights_in`."""
    background, map_model, fleet, tracks, notices = Background(), MapModel(), FleetModel(), Tracks(), Notices()
    selection = Selection(fleet)
    recent = Recent()
    documents = Documents(
        background, map_model=map_model, fleet=fleet, tracks=tracks, selection=selection, notices=notices, opened=recent.add
    )
    replay = Replay(background, documents, fleet, tracks, notices, now_s=now_s)
    flight = Flight(
        FleetFeed(),
        documents=documents,
        fleet=fleet,
        tracks=tracks,
        notices=notices,
        state_folder=state_folder,
        flights_in=flights_in,
        now_s=now_s,
        open_folder=open_folder,
        remember=remember_patrol,
        replay=replay.open,
    )

    def put_down_pencil() -> None:
        if flight.busy and map_model.tool in (Tool.EDIT, Tool.DRAW):
            map_model.take_tool(Tool.LOOK)

    flight.changed.connect(put_down_pencil)
    begun = state_folder / "begun"
    editing = Editing(background, documents, notices, recovery=state_folder / "recovery", begun=begun)
    shapes = ShapeEdit(lambda: editing.draft, editing.do, editing.tell, editing.end_stroke)
    editing.changed.connect(shapes.changed.emit)
    alternatives = Alternatives()
    documents.changed.connect(lambda: alternatives.begin("" if documents.current is None else documents.current.source))
    simulation = Simulation(background, documents, flight, notices, folder=state_folder)
    return Desk(
        now_s=lambda: replay.at_s if replay.active else now_s(),
        background=background,
        map=map_model,
        fleet=fleet,
        tracks=tracks,
        units=map_model.units,
        selection=selection,
        notices=notices,
        documents=documents,
        recent=recent,
        tiles=TileImages(background, notices),
        ground=GroundFiles(background, map_model, notices),
        new_missions=NewMissions(background, documents, map_model, notices, folder=begun),
        editing=editing,
        shapes=shapes,
        planning=Planning(background, documents, alternatives, notices),
        alternatives=alternatives,
        exports=Exports(background, documents, notices, open_place=open_folder),
        flight=flight,
        replay=replay,
        reports=Reports(background, notices, open_place=open_folder),
        orders=Orders(flight, fleet, selection, notices),
        simulation=simulation,
        real_vehicles=RealVehicles(documents, flight, simulation, notices, folder=state_folder),
    )

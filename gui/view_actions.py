"""What is done with the view: look around, tools of the map, layers, parts of the window, theme and habits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gui.actions import Action, Group, Menu, being, choices, having
from gui.appearance import Appearance
from gui.desk import Desk
from gui.language import languages
from gui.models.coordinates import PositionFormat
from gui.models.map_layers import Layer
from gui.models.map_model import Tool
from gui.models.units import Units
from gui.models.words import tr
from gui.views.theme import ThemeChoice

if TYPE_CHECKING:
    from gui.action_list import Questions

_ZOOM_STEP = 1.5
#: Panels by their names, which are in English whatever their titles are.
DOCKS = {
    "Fleet": tr("Fleet"),
    "Timeline": tr("Timeline"),
    "Plan": tr("Plan"),
    "Alerts": tr("Alerts"),
    "Layers": tr("Layers"),
    "Mission": tr("Mission"),
    "Drone": tr("Drone"),
    "Connect": tr("Connect"),
    "Plans": tr("Plans"),
}
FONT_PERCENTS = (90, 100, 125, 150)


def view_actions(desk: Desk, appearance: Appearance, questions: Questions) -> tuple[Action, ...]:
    return (
        *_look(desk, questions),
        *_layers(desk, questions),
        *_docks(questions),
        *_habits(desk, appearance),
        Group(Menu.HELP, "find")(
            "help.palette", tr("&Commands…"), questions.show_palette, tip=tr("Find any command by its name"), keys="Ctrl+K"
        ),
    )


def _look(desk: Desk, questions: Questions) -> tuple[Action, ...]:
    look = Group(Menu.VIEW, "look", enabled=lambda: desk.map.scene is not None)

    def toggle(tool: Tool) -> None:
        desk.map.take_tool(Tool.LOOK if desk.map.tool is tool else tool)

    return (
        look("view.fit", tr("&Fit all"), desk.map.fit, tip=tr("Show the whole mission"), keys="Ctrl+0"),
        look("view.closer", tr("Zoom &in"), lambda: desk.map.zoom(_ZOOM_STEP), keys="Ctrl++"),
        look("view.farther", tr("Zoom &out"), lambda: desk.map.zoom(1 / _ZOOM_STEP), keys="Ctrl+-"),
        look("view.go-to", tr("&Go to…"), questions.show_places, tip=tr("Go to a position, a drone, a base or a violation"), keys="Ctrl+G"),
        look(
            "view.measure",
            tr("&Measure"),
            partial(toggle, Tool.MEASURE),
            tip=tr("Lengths and courses on the map: click points, Esc ends"),
            keys="Ctrl+M",
            checked=being(lambda: desk.map.tool, Tool.MEASURE),
        ),
        look("view.next-violation", tr("&Next violation"), lambda: desk.map.step_mark(1), keys="F8"),
        look("view.previous-violation", tr("Pre&vious violation"), lambda: desk.map.step_mark(-1), keys="Shift+F8"),
    )


def _layers(desk: Desk, questions: Questions) -> tuple[Action, ...]:
    layers = Group(Menu.VIEW, "layers", tr("&Layers"))
    return (
        *(
            layers(
                f"view.layer.{layer.name.lower()}",
                layer.text,
                partial(desk.map.toggle, layer),
                keys=f"Alt+{number % 10}" if number <= 10 else f"Alt+Shift+{number - 10}",
                checked=having(lambda: desk.map.layers, layer),
            )
            for number, layer in enumerate(Layer, start=1)
        ),
        layers(
            "view.add-ground",
            tr("&Add your own geometry…"),
            questions.ask_ground,
            tip=tr("Lay a GeoPackage, GeoJSON, Shapefile, KML, airspace, GeoTIFF or MBTiles file under the mission"),
            keys="Ctrl+Shift+G",
        ),
    )


def _docks(questions: Questions) -> tuple[Action, ...]:
    docks = Group(Menu.VIEW, "docks", tr("&Panels"))
    return tuple(
        docks(
            f"view.dock.{name.lower()}",
            tr("Show the {panel}", panel=title.lower()),
            partial(questions.show_dock, name),
            keys=f"Ctrl+{number}",
        )
        for number, (name, title) in enumerate(DOCKS.items(), start=1)
    )


def _habits(desk: Desk, appearance: Appearance) -> tuple[Action, ...]:
    font, theme = Group(Menu.VIEW, "font", tr("Letter si&ze")), Group(Menu.VIEW, "theme", tr("&Theme"))
    places, units = Group(Menu.VIEW, "positions", tr("P&ositions")), Group(Menu.VIEW, "units", tr("&Units"))
    names = {ThemeChoice.SYSTEM: tr("System"), ThemeChoice.LIGHT: tr("Light"), ThemeChoice.DARK: tr("Dark")}
    themes = {choice: (choice.value, names[choice]) for choice in ThemeChoice}
    percents = {percent: (str(percent), f"{percent} %") for percent in FONT_PERCENTS}
    styles = {style: (style.name.lower(), style.text[0].upper() + style.text[1:]) for style in PositionFormat}
    tongue, tongues = Group(Menu.VIEW, "language", tr("Lan&guage")), {code: (code, name) for code, name in languages().items()}

    def speak(code: str) -> None:
        appearance.language = code
        desk.notices.info("language", tr("The language is another one from the next start."))

    kinds = {kind: (kind.name.lower(), kind.text) for kind in Units}
    return (
        *choices(theme, "view.theme", themes, appearance.choose, lambda: appearance.choice, keys=lambda n: f"Ctrl+Alt+{n + 1}"),
        *choices(font, "view.font", percents, appearance.scale_font, lambda: appearance.font_percent, keys=lambda n: f"Ctrl+Shift+{n + 1}"),
        *choices(
            places, "view.positions", styles, desk.map.write_positions, lambda: desk.map.positions, keys=lambda n: f"Ctrl+Alt+{n + 4}"
        ),
        *(choices(tongue, "view.language", tongues, speak, lambda: appearance.language) if len(tongues) > 1 else ()),
        *choices(units, "view.units", kinds, desk.units.choose, lambda: desk.units.now, keys=lambda n: f"Ctrl+Alt+{n + 7}"),
    )

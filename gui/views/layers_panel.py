"""Every layer of the map with a box to switch it and a slider for its opacity; the user's own files below, to be taken out again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QScrollArea, QSizePolicy, QSlider, QToolButton, QWidget

from gui.ground import GroundFiles
from gui.models.map_layers import Layer, OwnLayer
from gui.models.map_model import MapModel
from gui.models.words import tr


class LayersPanel(QScrollArea):
    def __init__(self, map_model: MapModel, ground: GroundFiles, *, add: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("layers")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._map = map_model
        self._ground = ground
        self._add = add
        self._boxes: dict[Layer, QCheckBox] = {}
        self._sliders: dict[Layer, QSlider] = {}
        self._own: tuple[OwnLayer, ...] | None = None
        self._rebuild()
        map_model.changed.connect(self._refresh)

    def _rebuild(self) -> None:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(10, 8, 10, 8)
        grid.setVerticalSpacing(3)
        grid.setHorizontalSpacing(4)
        for row, layer in enumerate(Layer):
            self._boxes[layer] = box = _box(layer.text, f"layer-{layer.name.lower()}")
            box.clicked.connect(partial(self._toggle, layer))
            self._sliders[layer] = slider = _slider(layer.text, layer.value)
            slider.valueChanged.connect(partial(self._fade, layer))
            grid.addWidget(box, row, 0)
            grid.addWidget(slider, row, 1)
        for row, mine in enumerate(self._map.own_layers, start=len(Layer)):
            self._add_own(grid, row, mine)
        button = QToolButton()
        button.setText(tr("Add your own geometry…"))
        button.setObjectName("add-ground")
        button.clicked.connect(lambda _checked: self._add())
        grid.addWidget(button, grid.rowCount(), 0, 1, 2)
        grid.setRowStretch(grid.rowCount(), 1)
        grid.setColumnStretch(0, 1)
        self.setWidget(content)
        bar = self.verticalScrollBar()
        assert bar is not None
        # nothing is ever cut off at the right
        self.setMinimumWidth(content.minimumSizeHint().width() + bar.sizeHint().width())
        self._own = self._map.own_layers
        self._show()

    def _add_own(self, grid: QGridLayout, row: int, mine: OwnLayer) -> None:
        box, slider, out = _box(mine.title, f"layer-{mine.title}"), _slider(mine.title, mine.title), QToolButton()
        box.setToolTip(str(mine.path))
        box.setChecked(mine.shown)
        box.clicked.connect(lambda checked: self._map.change_own_layer(mine.path, shown=checked))
        slider.setValue(round(100 * mine.opacity))
        slider.valueChanged.connect(lambda value: self._map.change_own_layer(mine.path, opacity=value / 100))
        out.setText("✕")
        out.setAutoRaise(True)
        out.setAccessibleName(tr("Take out {title}", title=mine.title))
        out.setToolTip(tr("Take this file out of the map; the file itself stays"))
        out.clicked.connect(lambda _checked: self._ground.remove(mine.path))
        for column, widget in enumerate((box, slider, out)):
            grid.addWidget(widget, row, column)

    def _refresh(self) -> None:
        # only which files there are makes other rows: a slider that is being dragged stays
        if [mine.path for mine in self._map.own_layers] != [mine.path for mine in self._own or ()]:
            self._rebuild()
        self._own = self._map.own_layers
        self._show()

    def _show(self) -> None:
        look = self._map.look_of_layers
        for layer in Layer:
            self._boxes[layer].setChecked(layer in look)
            slider = self._sliders[layer]
            slider.setEnabled(layer in look)
            if not slider.isSliderDown() and slider.value() != round(100 * look.opacity(layer)):
                slider.setValue(round(100 * look.opacity(layer)))

    def _toggle(self, layer: Layer, _checked: bool) -> None:
        self._map.toggle(layer)

    def _fade(self, layer: Layer, value: int) -> None:
        if round(100 * self._map.look_of_layers.opacity(layer)) != value:
            self._map.fade(layer, value / 100)


def _box(title: str, name: str) -> QCheckBox:
    box = QCheckBox(title.replace("&", "&&"))
    box.setObjectName(name)
    # a click beside its text is none on it
    box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return box


def _slider(title: str, name: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setObjectName(f"opacity-{name}")
    slider.setAccessibleName(tr("Opacity of {title}, percent", title=title))
    slider.setToolTip(tr("Opacity, %"))
    slider.setRange(10, 100)
    slider.setValue(100)
    slider.setMinimumWidth(48)
    return slider

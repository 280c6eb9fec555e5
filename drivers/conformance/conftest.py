"""Opens the devices that ``--driver`` names, and sets the stage in front of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from drivers.adapters.warning import KnownDefects
from drivers.clock import Clock, SystemClock, VirtualClock
from drivers.conformance.stage import SimStage, Stage, TechnicianStage
from drivers.conformance.target import DEFAULT, Kind, Target, targets
from drivers.errors import DriverNotInstalled
from drivers.open import open_card_reader, open_indicator, open_photo_camera, open_thermal_camera
from drivers.protocols import CardReader, Indicator, PhotoCamera, ThermalCamera
from drivers.sim.world import World

Device = TypeVar("Device", CardReader, ThermalCamera, PhotoCamera, Indicator)


def chosen(config: pytest.Config) -> list[str]:
    """The URLs of the command line."""
    return list(config.getoption("--driver", default=[]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat each test for every target of the kind that it asks for."""
    kinds = [kind for kind in Kind if kind in metafunc.fixturenames]
    if not kinds:
        return
    found = [target for url in chosen(metafunc.config) or DEFAULT for target in targets(url) if target.kind is kinds[0]]
    metafunc.parametrize("target", found, ids=[target.url for target in found], indirect=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Expect the failures that a package is known for."""
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    target = parameters.get("target")
    if not isinstance(target, Target):
        return
    others = [str(value) for name, value in parameters.items() if name != "target"]
    name = getattr(item, "originalname", item.name) + (f"[{'-'.join(others)}]" if others else "")
    if reason := target.defect(name):
        item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Target:
    """The device under test."""
    parameter: Target = request.param
    return parameter


@pytest.fixture
def world(target: Target) -> World | None:
    """Everything simulated, on a clock that passes without waiting; ``None`` for a real device."""
    return World(VirtualClock()) if target.simulated else None


@pytest.fixture
def clock(world: World | None, target: Target) -> Clock:
    """The clock that the device lives by."""
    if world is not None:
        return world.clock
    return VirtualClock() if target.replayed else SystemClock()


@pytest.fixture
def stage(world: World | None, request: pytest.FixtureRequest) -> Stage:
    """What stands in front of the device."""
    if world is not None:
        return SimStage(world)
    return TechnicianStage(can_ask=request.config.getoption("capture") == "no")


@pytest.fixture
def card_reader(request: pytest.FixtureRequest, target: Target, clock: Clock, world: World | None) -> Iterator[CardReader]:
    yield from _opened(request, lambda: open_card_reader(target.url, clock, world=world))


@pytest.fixture
def thermal_camera(
    request: pytest.FixtureRequest, target: Target, clock: Clock, world: World | None
) -> Iterator[ThermalCamera]:
    yield from _opened(request, lambda: open_thermal_camera(target.url, clock, world=world))


@pytest.fixture
def photo_camera(request: pytest.FixtureRequest, target: Target, clock: Clock, world: World | None) -> Iterator[PhotoCamera]:
    yield from _opened(request, lambda: open_photo_camera(target.url, clock, world=world))


@pytest.fixture
def indicator(request: pytest.FixtureRequest, target: Target, clock: Clock, world: World | None) -> Iterator[Indicator]:
    yield from _opened(request, lambda: open_indicator(target.url, clock, world=world))


def _opened(request: pytest.FixtureRequest, open_device: Callable[[], Device]) -> Iterator[Device]:
    """Open a device for one test. Without ``--driver`` an adapter whose package is missing is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KnownDefects)  # what the kit is for
        try:
            device = open_device()
        except DriverNotInstalled as error:
            if chosen(request.config):
                raise
            pytest.skip(str(error))
    yield device
    device.close()

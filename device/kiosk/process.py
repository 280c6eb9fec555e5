"""The kiosk as a process of its own: arguments, signals, systemd."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from device.kiosk.assembly import build, optics_of
from device.kiosk.health import HealthWatch, KioskRunning, hold_kiosk_lock
from device.process.config import Config, ConfigError, load_config, with_clinic
from device.process.logs import Log, set_up_logging
from device.process.moment import Timekeeper
from device.process.notify import Notifier
from device.process.ports import PortRefused, PortTaken
from device.process.time import SystemTimekeeper
from device.store.errors import BadKey, KeyMissing, StoreError
from drivers.errors import BadDeviceURL

if TYPE_CHECKING:
    from drivers.sim.world import World

LOG = Log(__name__)
EXIT_CONFIG, EXIT_STORE, EXIT_KEY, EXIT_TAKEN = 2, 5, 8, 9


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the kiosk until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m device.kiosk", description="The kiosk: hardware, visit, store and screen.")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with store and keys")
    parser.add_argument("--config", type=Path, help="configuration file (TOML); without one: the defaults")
    parser.add_argument("--sim", action="store_true", help="simulate all hardware, and serve the bench page")
    options = parser.parse_args(arguments)
    set_up_logging()
    try:
        config, left_out = with_clinic(load_config(options.config), options.data_dir)
        if left_out is not None:
            LOG.warning("the clinic's settings are left out", reason=str(left_out))
        _serve(config.simulated() if options.sim else config, options.data_dir, sim=options.sim)
    except (ConfigError, BadDeviceURL) as error:
        return _give_up(error, EXIT_CONFIG)
    except (KeyMissing, BadKey) as error:
        return _give_up(error, EXIT_KEY)
    except StoreError as error:
        return _give_up(error, EXIT_STORE)
    except (PortTaken, PortRefused, KioskRunning) as error:
        return _give_up(error, EXIT_TAKEN)
    return 0


def _serve(config: Config, data_dir: Path, *, sim: bool) -> None:
    """The screen comes first, so that whatever else is missing can be said on it."""
    from device.screen.server import ScreenServer

    timekeeper = SystemTimekeeper()
    world = _world(config, timekeeper) if sim else None
    stopping = _stop_on_signals()
    bench = None
    if world is not None:
        from device.screen.bench import BenchPanel

        bench = BenchPanel(world)
    with Notifier() as notifier:
        screen = ScreenServer(config.screen.port, language=config.kiosk.language, bench=bench)
        try:
            _hold_lock(data_dir)
            kiosk = build(config, data_dir, timekeeper, screen, world=world, notifier=notifier)
            watch = HealthWatch(kiosk, config, data_dir, timekeeper, screen.set_health)
            notifier.ready()
            LOG.info("kiosk ready", port=screen.port, sim=sim)
            try:
                while not stopping():
                    kiosk.turn()
                    watch.turn()
            finally:
                notifier.stopping()
                kiosk.close()
        finally:
            screen.close()
    LOG.info("kiosk stopped")


def _hold_lock(data_dir: Path) -> None:
    """A disk that cannot be written to keeps no kiosk from starting: its screen has to say so."""
    try:
        hold_kiosk_lock(data_dir)
    except StoreError as error:
        LOG.error("kiosk runs without its lock", fault=type(error).__name__, detail=str(error))


def _world(config: Config, timekeeper: Timekeeper) -> World:
    """A simulated kiosk with somebody in front of it."""
    from drivers.sim.body import Torso
    from drivers.sim.world import World

    world = World(timekeeper, optics=optics_of(config))
    world.body = Torso()
    return world


def _stop_on_signals() -> Callable[[], bool]:
    """Return what tells whether SIGTERM or SIGINT has come; a visit is then left as a power cut would leave it."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked.append(received))
    return lambda: bool(asked)


def _give_up(error: Exception, code: int) -> int:
    print(f"firstlight: {error}", file=sys.stderr)
    return code

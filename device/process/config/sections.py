"""The configuration as it is used: one frozen dataclass for each section of the file, every unit in a name.

Each setting stands once: its key in the file, its validator and its default, which is written as it would be in the file
and passes the same validator.
"""

# ruff: noqa: RUF009  (`setting` returns a dataclass field, made once and never shared)

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from device.process.config import values
from device.process.config.values import Validator

T = TypeVar("T")


def setting(key: str, validate: Validator[T], default: object) -> T:
    """Declare a setting; to mypy it is the default, at run time the dataclass field that carries key and validator."""
    return field(default=validate(default), metadata={"key": key, "validate": validate})


@dataclass(frozen=True)
class KioskConfig:
    site: str = setting("site", values.identifier, "home")
    name: str = setting("name", values.identifier, "kiosk-1")
    language: str = setting("language", values.language, "en")


@dataclass(frozen=True)
class ReaderConfig:
    url: str = setting("url", values.url(), "spi:0.0")


@dataclass(frozen=True)
class SensorConfig:
    url: str = setting("url", values.url(), "i2c:1@0x33")
    optics: str = setting("optics", values.one_of("110x75", "55x35"), "110x75")
    refresh_hz: float = setting("refresh_rate", values.refresh_rate, "8 Hz")
    emissivity: float = setting("emissivity", values.ratio(0.1, 1.0), 0.98)
    reflected_c: float | None = setting("reflected_temperature", values.temperature_or("auto", -40.0, 85.0), "auto")
    """``None``: the sensor's own temperature less 8 K (datasheet)."""
    flat_field: Path | None = setting("flat_field", values.optional_path, "")


@dataclass(frozen=True)
class IndicatorConfig:
    url: str = setting("url", values.url(), "none:")


@dataclass(frozen=True)
class PhotoConfig:
    url: str = setting("url", values.url("off"), "off")
    homography: Path | None = setting("homography", values.optional_path, "")

    @property
    def enabled(self) -> bool:
        return self.url != "off"


@dataclass(frozen=True)
class CaptureConfig:
    target_noise_k: float = setting("target_noise", values.temperature_difference(0.02, 1.0), "0.1 K")
    longest_s: float = setting("longest", values.duration(1.0, 300.0), "20 s")
    ambient_lowest_c: float = setting("ambient_lowest", values.temperature(0.0, 40.0), "18 °C")
    ambient_highest_c: float = setting("ambient_highest", values.temperature(0.0, 40.0), "25 °C")
    warm_up_s: float = setting("warm_up", values.duration(0.0, 3600.0), "4 min")
    prepare_s: float = setting("prepare", values.duration(0.0, 3600.0), "10 min")
    position_timeout_s: float = setting("position_timeout", values.duration(5.0, 600.0), "60 s")


@dataclass(frozen=True)
class VisitConfig:
    pin: str = setting("pin", values.one_of("optional", "off"), "optional")
    result_shown_s: float = setting("result_shown", values.duration(5.0, 300.0), "20 s")
    page_timeout_s: float = setting("page_timeout", values.duration(5.0, 600.0), "60 s")


@dataclass(frozen=True)
class ScreenConfig:
    port: int = setting("port", values.port, 8600)
    bench: bool = setting("bench", values.flag, False)


@dataclass(frozen=True)
class ModelsConfig:
    breast: Path | None = setting("breast", values.optional_path, "")
    """``None``: the bundle that was activated, else the one that is shipped."""
    keys: Path | None = setting("keys", values.optional_path, "")
    """``None``: /etc/firstlight/model-keys."""
    allow_unsigned: bool = setting("allow_unsigned", values.flag, False)
    prevalence: float | None = setting("prevalence", values.ratio_or("unknown", 0.0001, 0.9), "unknown")
    """Share of those examined here who are ill; ``None``: nobody knows."""


@dataclass(frozen=True)
class StoreConfig:
    reserve_bytes: int = setting("reserve", values.size(0, 1e12), "200 MB")
    """Free disk space below which no new patient is accepted."""
    keep_bytes: int = setting("keep", values.size(0, 1e13), "2 GB")
    """Synced payloads beyond this are purged, oldest first."""


@dataclass(frozen=True)
class SyncConfig:
    remote: str = setting("remote", values.url("local", "firebase"), "local")
    interval_s: float = setting("interval", values.duration(0.1, 86400.0), "10 s")
    call_deadline_s: float = setting("call_deadline", values.duration(0.1, 600.0), "20 s")
    heartbeat_s: float = setting("heartbeat", values.duration(1.0, 3600.0), "60 s")
    bandwidth_kbit_s: float | None = setting("bandwidth", values.bit_rate_or("unlimited", 16.0, 1e6), "unlimited")
    """Of what is sent to a cloud that is not on this machine; ``None``: as fast as it goes."""
    portal_port: int = setting("portal_port", values.port, 8602)


@dataclass(frozen=True)
class Config:
    """Everything that can be set. `Config()` is what runs where no file says otherwise."""

    kiosk: KioskConfig = KioskConfig()
    reader: ReaderConfig = ReaderConfig()
    sensor: SensorConfig = SensorConfig()
    indicator: IndicatorConfig = IndicatorConfig()
    photo: PhotoConfig = PhotoConfig()
    capture: CaptureConfig = CaptureConfig()
    visit: VisitConfig = VisitConfig()
    screen: ScreenConfig = ScreenConfig()
    models: ModelsConfig = ModelsConfig()
    store: StoreConfig = StoreConfig()
    sync: SyncConfig = SyncConfig()

    def simulated(self) -> Config:
        """Return the same with every device simulated; one that is simulated already keeps its parameters, "off" stays off."""
        return replace(
            self,
            reader=replace(self.reader, url=_simulated(self.reader.url)),
            sensor=replace(self.sensor, url=_simulated(self.sensor.url)),
            indicator=replace(self.indicator, url=_simulated(self.indicator.url)),
            photo=replace(self.photo, url=_simulated(self.photo.url)) if self.photo.enabled else self.photo,
        )


def _simulated(url: str) -> str:
    return url if url.split(":")[0] in ("sim", "replay") else "sim:"


def contradictions(config: Config) -> list[tuple[str, str, str]]:
    """Return (section, key, "what; remedy") for each pair of settings that are fine alone but not together."""
    found = []
    capture = config.capture
    if capture.ambient_lowest_c >= capture.ambient_highest_c:
        what = f"{capture.ambient_lowest_c:g} °C is not below ambient_highest ({capture.ambient_highest_c:g} °C)"
        found.append(("capture", "ambient_lowest", f"{what}; lower the one or raise the other"))
    if config.screen.port == config.sync.portal_port:
        what = f"{config.sync.portal_port} is the screen's port too"
        found.append(("sync", "portal_port", f"{what}; give each its own"))
    return found

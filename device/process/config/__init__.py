"""The configuration: one TOML file, checked at the edge, once."""

from device.process.config.clinic import with_clinic, write_clinic
from device.process.config.errors import BadValue, ConfigError, ConfigMissing, ConfigSyntax, UnknownKey
from device.process.config.load import EXAMPLE, load_config
from device.process.config.sections import (
    CaptureConfig,
    Config,
    IndicatorConfig,
    KioskConfig,
    ModelsConfig,
    PhotoConfig,
    ReaderConfig,
    ScreenConfig,
    SensorConfig,
    StoreConfig,
    SyncConfig,
    VisitConfig,
)

__all__ = [
    "EXAMPLE",
    "BadValue",
    "CaptureConfig",
    "Config",
    "ConfigError",
    "ConfigMissing",
    "ConfigSyntax",
    "IndicatorConfig",
    "KioskConfig",
    "ModelsConfig",
    "PhotoConfig",
    "ReaderConfig",
    "ScreenConfig",
    "SensorConfig",
    "StoreConfig",
    "SyncConfig",
    "UnknownKey",
    "VisitConfig",
    "load_config",
    "with_clinic",
    "write_clinic",
]

"""The pytest plugin: the option ``--driver URL``, which narrows a run down to the kit. ``conftest.py`` does the rest."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--driver",
        metavar="URL",
        action="append",
        default=[],
        help="run Firstlight's conformance kit, and nothing else, on this device (i2c:1@0x33, spi:0.0, sim:, ...); repeatable",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what is no device, and look for tests in the kit alone where no other place was named."""
    urls = config.getoption("--driver")
    if not urls:
        return
    from drivers.conformance.target import targets
    from drivers.errors import BadDeviceURL

    try:
        for url in urls:
            targets(url)
    except BadDeviceURL as error:
        raise pytest.UsageError(f"--driver: {error}") from error
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(Path(__file__).parent)]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--driver`` leave nothing but the kit's tests for the devices that were named."""
    if not config.getoption("--driver"):
        return
    others = [item for item in items if not _has_target(item)]
    items[:] = [item for item in items if _has_target(item)]
    config.hook.pytest_deselected(items=others)


def _has_target(item: pytest.Item) -> bool:
    from drivers.conformance.target import Target

    return isinstance(getattr(getattr(item, "callspec", None), "params", {}).get("target"), Target)

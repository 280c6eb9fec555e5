"""PyPI's mfrc522 on the same simulated wire: an oracle where it is right, and proof of the defects that its adapter names."""

from __future__ import annotations

import random
import sys
from importlib.util import find_spec
from types import ModuleType

import pytest

from drivers.adapters.mfrc522_package import Mfrc522PackageReader
from drivers.adapters.warning import KnownDefects
from drivers.clock import VirtualClock
from drivers.errors import CardUnreadable, DeadlineExceeded, DeviceClosed, DeviceMissing, DriverNotInstalled, SeveralCards
from drivers.protocols import Card, CardTechnology
from drivers.sim.cards import card_from_uid
from drivers.sim.mfrc522 import SimMFRC522
from drivers.sim.spi import SimSPIBus
from tests.drivers.reader_bench import CLASSIC, NTAG, NTAG_SAME_BEGINNING, ReaderBench

pytestmark = pytest.mark.skipif(
    find_spec("mfrc522") is None, reason="the package mfrc522 is not installed (firstlight[adapters])"
)


class PackageBench:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.chip = SimMFRC522(self.clock)
        self.bus = SimSPIBus(self.chip, self.clock)
        with pytest.warns(KnownDefects, match="7-byte UIDs collide"):
            self.reader = Mfrc522PackageReader(self.bus, self.clock)

    def poll(self, *uids: str) -> Card | None:
        self.chip.cards = [card_from_uid(uid) for uid in uids]
        return self.reader.poll()


@pytest.fixture
def package() -> PackageBench:
    return PackageBench()


def test_both_drivers_agree_on_four_byte_uids(package: PackageBench) -> None:
    ours = ReaderBench.make()
    rng = random.Random(7)
    for _ in range(50):
        uid = bytes([rng.choice([0x10, 0x5A, 0xE3]), *rng.randbytes(3)]).hex()
        ours.lay(uid)
        assert package.poll(uid) == ours.reader.poll() == Card(CardTechnology.MIFARE_CLASSIC, bytes.fromhex(uid))


def test_seven_byte_uids_collide_there_and_not_here(package: PackageBench) -> None:
    theirs = [package.poll(uid) for uid in (NTAG, NTAG_SAME_BEGINNING)]
    assert theirs[0] == theirs[1]
    ours = ReaderBench.make()
    read = []
    for uid in (NTAG, NTAG_SAME_BEGINNING):
        ours.lay(uid)
        read.append(ours.uid())
    assert read == [NTAG, NTAG_SAME_BEGINNING]


def test_an_empty_field_costs_them_two_thousand_transfers_and_us_twenty(package: PackageBench) -> None:
    before = package.bus.transfers
    assert package.poll() is None
    assert package.bus.transfers - before == 2013
    assert ReaderBench.make().transfers_of_a_poll() <= 20


def test_a_card_that_stays_is_read_each_time_because_the_adapter_asks_again(package: PackageBench) -> None:
    first = package.poll(CLASSIC)
    assert first is not None
    assert [package.reader.poll() for _ in range(4)] == [first] * 4
    assert package.poll() is None


def test_two_cards_are_unreadable_or_none_there_and_two_cards_here(package: PackageBench) -> None:
    assert package.poll(CLASSIC, NTAG) is None
    with pytest.raises(CardUnreadable):
        package.poll(CLASSIC, "11223344")
    ours = ReaderBench.make()
    ours.lay(CLASSIC, NTAG)
    with pytest.raises(SeveralCards):
        ours.reader.poll()


def test_a_missing_reader_is_found_when_opened(package: PackageBench) -> None:
    package.chip.faults.miso_stuck = 0xFF
    with pytest.warns(KnownDefects), pytest.raises(DeviceMissing):
        Mfrc522PackageReader(package.bus, package.clock)


def test_the_rest_of_the_protocol(package: PackageBench) -> None:
    assert package.reader.self_test() == "MFRC522 version 2.0"
    package.chip.cards = [card_from_uid(CLASSIC)]
    assert package.reader.wait(1.0).uid == bytes.fromhex(CLASSIC)
    package.chip.cards = []
    with pytest.raises(DeadlineExceeded):
        package.reader.wait(0.5)
    package.reader.close()
    package.reader.close()
    assert repr(package.reader) == "<Mfrc522PackageReader, closed>"
    for call in (package.reader.poll, package.reader.self_test):
        with pytest.raises(DeviceClosed):
            call()


def test_loading_the_package_leaves_imported_modules_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    somebody_elses = ModuleType("spidev")
    monkeypatch.setitem(sys.modules, "spidev", somebody_elses)
    before = dict(sys.modules)
    PackageBench()
    assert sys.modules["spidev"] is somebody_elses
    left_behind = {name for name in set(sys.modules) - set(before) if name.partition(".")[0] in ("mfrc522", "RPi", "spidev")}
    assert left_behind == set()


def test_two_of_them_do_not_share_a_wire(package: PackageBench) -> None:
    other = PackageBench()
    assert package.poll(CLASSIC) is not None
    assert other.poll() is None


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    clock = VirtualClock()
    with pytest.warns(KnownDefects), pytest.raises(DriverNotInstalled, match=r"firstlight\[adapters\]"):
        Mfrc522PackageReader(SimSPIBus(SimMFRC522(clock), clock), clock)

"""Everything that can be broken on demand in a simulated kiosk, as switches that any thread may flip."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from drivers.sim.card_faults import ReaderFaults


@dataclass
class Faults:
    """Each switch is one fault; all are off to begin with. Assigning a bool is atomic, so no lock is needed."""

    # -- I2C bus
    i2c_nack: bool = False
    """Nothing acknowledges: the sensor's plug is out."""
    i2c_stuck: bool = False
    """SDA is held low."""

    # -- thermal sensor
    sensor_silent: bool = False
    """It answers, but measures nothing any more."""
    sensor_frozen: bool = False
    """It announces new data, but its RAM no longer changes."""
    sensor_stale_subpage: bool = False
    """Only subpage 0 is still written to the RAM; subpage 1 is announced with its old words."""
    sensor_half_frame: bool = False
    """Only subpage 0 is measured and announced."""
    sensor_invalid_words: bool = False
    """Some pixels hold 0x7FFF."""
    eeprom_flip: bool = False
    """Each reading of the EEPROM has another bit wrong: bad contact, or a bus that is too fast."""
    eeprom_garbage: bool = False
    """The EEPROM holds random words."""

    # -- card reader: the chip holds these itself (`ReaderFaults` has finer ones); the properties are their switches

    reader: ReaderFaults = field(default_factory=ReaderFaults)

    @property
    def reader_gone(self) -> bool:
        """The reader's plug is out: MISO reads as zeros."""
        return self.reader.miso_stuck is not None

    @reader_gone.setter
    def reader_gone(self, on: bool) -> None:
        self.reader.miso_stuck = 0x00 if on else None

    @property
    def reader_hung(self) -> bool:
        """The reader answers on the wire, but no frame ever ends."""
        return self.reader.hung

    @reader_hung.setter
    def reader_hung(self, on: bool) -> None:
        self.reader.hung = on

    @property
    def card_crc_error(self) -> bool:
        """Every answer of a card has a wrong CRC."""
        return self.reader.crc_error

    @card_crc_error.setter
    def card_crc_error(self, on: bool) -> None:
        self.reader.crc_error = on

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """All switches, for a page that shows them."""
        own = tuple(one.name for one in fields(cls) if one.name != "reader")
        return (*own, *(name for name, value in vars(cls).items() if isinstance(value, property)))

    def active(self) -> tuple[str, ...]:
        """Those that are on."""
        return tuple(name for name in self.names() if getattr(self, name))

    def set(self, name: str, on: bool) -> None:
        """Flip one switch; raises `ValueError` for a fault that does not exist."""
        if name not in self.names():
            raise ValueError(f"There is no fault {name!r}; there are {', '.join(self.names())}.")
        setattr(self, name, on)

    def clear(self) -> None:
        """Switch all of them off."""
        for name in self.active():
            setattr(self, name, False)

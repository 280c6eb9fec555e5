"""Everything that can be broken on demand in a simulated kiosk, as switches that any thread may flip."""

from __future__ import annotations

from dataclasses import dataclass, fields


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

    # -- card reader

    reader_gone: bool = False
    """The reader's plug is out: MISO reads as zeros."""
    reader_floating: bool = False
    """The reader's plug is out and MISO floats up: it reads as ones."""
    reader_hung: bool = False
    """The chip answers on the wire, but no frame ever ends: it raises no interrupt request."""
    reader_brown_out: bool = False
    """The reader's supply dips once: all of its registers are as after power-on. Switches itself off again."""
    card_crc_error: bool = False
    """Every answer of a card has a wrong CRC."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """All switches, for a page that shows them."""
        return tuple(field.name for field in fields(cls))

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

"""The MFRC522's registers, commands and bits under the names of its data sheet (NXP MFRC522, rev. 3.9, section 9 and 10)."""

from __future__ import annotations

from enum import IntEnum, IntFlag

FIFO_SIZE = 64
"""Bytes (section 8.3)."""


class Register(IntEnum):
    """Addresses (table 20). Those that are missing here are reserved and must not be touched."""

    CommandReg = 0x01
    ComIEnReg = 0x02
    DivIEnReg = 0x03
    ComIrqReg = 0x04
    DivIrqReg = 0x05
    ErrorReg = 0x06
    Status1Reg = 0x07
    Status2Reg = 0x08
    FIFODataReg = 0x09
    FIFOLevelReg = 0x0A
    WaterLevelReg = 0x0B
    ControlReg = 0x0C
    BitFramingReg = 0x0D
    CollReg = 0x0E
    ModeReg = 0x11
    TxModeReg = 0x12
    RxModeReg = 0x13
    TxControlReg = 0x14
    TxASKReg = 0x15
    TxSelReg = 0x16
    RxSelReg = 0x17
    RxThresholdReg = 0x18
    DemodReg = 0x19
    MfTxReg = 0x1C
    MfRxReg = 0x1D
    SerialSpeedReg = 0x1F
    CRCResultRegH = 0x21
    CRCResultRegL = 0x22
    ModWidthReg = 0x24
    RFCfgReg = 0x26
    GsNReg = 0x27
    CWGsPReg = 0x28
    ModGsPReg = 0x29
    TModeReg = 0x2A
    TPrescalerReg = 0x2B
    TReloadRegH = 0x2C
    TReloadRegL = 0x2D
    TCounterValRegH = 0x2E
    TCounterValRegL = 0x2F
    TestSel1Reg = 0x31
    TestSel2Reg = 0x32
    TestPinEnReg = 0x33
    TestPinValueReg = 0x34
    TestBusReg = 0x35
    AutoTestReg = 0x36
    VersionReg = 0x37
    AnalogTestReg = 0x38
    TestDAC1Reg = 0x39
    TestDAC2Reg = 0x3A
    TestADCReg = 0x3B


class Command(IntEnum):
    """What CommandReg starts (table 149)."""

    Idle = 0b0000
    Mem = 0b0001
    GenerateRandomID = 0b0010
    CalcCRC = 0b0011
    Transmit = 0b0100
    NoCmdChange = 0b0111
    Receive = 0b1000
    Transceive = 0b1100
    MFAuthent = 0b1110
    SoftReset = 0b1111


class CommandBits(IntFlag):
    """CommandReg beside the command (table 22)."""

    PowerDown = 0x10
    RcvOff = 0x20


class ComIrq(IntFlag):
    """ComIrqReg (table 28). A write with Set1 sets the marked bits, one without clears them."""

    TimerIRq = 0x01
    ErrIRq = 0x02
    LoAlertIRq = 0x04
    HiAlertIRq = 0x08
    IdleIRq = 0x10
    RxIRq = 0x20
    TxIRq = 0x40
    Set1 = 0x80


class DivIrq(IntFlag):
    """DivIrqReg (table 30)."""

    CRCIRq = 0x04
    MfinActIRq = 0x10
    Set2 = 0x80


class Error(IntFlag):
    """ErrorReg (table 32)."""

    ProtocolErr = 0x01
    ParityErr = 0x02
    CRCErr = 0x04
    CollErr = 0x08
    BufferOvfl = 0x10
    TempErr = 0x40
    WrErr = 0x80


class Status1(IntFlag):
    """Status1Reg (table 34)."""

    LoAlert = 0x01
    HiAlert = 0x02
    TRunning = 0x08
    IRq = 0x10
    CRCReady = 0x20
    CRCOk = 0x40


class Status2(IntFlag):
    """Status2Reg (table 36)."""

    MFCrypto1On = 0x08


class FIFOLevel(IntFlag):
    """FIFOLevelReg (table 40)."""

    FlushBuffer = 0x80


class Control(IntFlag):
    """ControlReg (table 44); the bits below are RxLastBits."""

    TStartNow = 0x40
    TStopNow = 0x80


class BitFraming(IntFlag):
    """BitFramingReg (table 46); RxAlign is bits 6 to 4, TxLastBits bits 2 to 0."""

    StartSend = 0x80


class Coll(IntFlag):
    """CollReg (table 48); CollPos is bits 4 to 0 and counts from 1, 0 meaning the 32nd bit."""

    CollPosNotValid = 0x20
    ValuesAfterColl = 0x80


class TxControl(IntFlag):
    """TxControlReg (table 60): the two antenna drivers. Bit 7, InvTx2RFOn, is set at reset."""

    Tx1RFEn = 0x01
    Tx2RFEn = 0x02
    InvTx2RFOn = 0x80


class TxASK(IntFlag):
    """TxASKReg (table 62)."""

    Force100ASK = 0x40


class TMode(IntFlag):
    """TModeReg (table 102); the bits below are the upper four of the prescaler."""

    TAuto = 0x80


SELF_TEST_ON = 0b1001
"""AutoTestReg's SelfTest bits (table 130)."""

READ_ONLY = frozenset(
    {
        Register.ErrorReg,
        Register.Status1Reg,
        Register.CRCResultRegH,
        Register.CRCResultRegL,
        Register.TCounterValRegH,
        Register.TCounterValRegL,
        Register.TestBusReg,
        Register.VersionReg,
        Register.TestADCReg,
    }
)
"""Registers that a driver can only read (section 9.2)."""

RESET_VALUES: dict[Register, int] = {
    Register.CommandReg: 0x20,
    Register.ComIEnReg: 0x80,
    Register.ComIrqReg: 0x14,
    Register.WaterLevelReg: 0x08,
    Register.ControlReg: 0x10,
    Register.CollReg: 0xA0,
    Register.ModeReg: 0x3F,
    Register.TxControlReg: 0x80,
    Register.TxSelReg: 0x10,
    Register.RxSelReg: 0x84,
    Register.RxThresholdReg: 0x84,
    Register.DemodReg: 0x4D,
    Register.MfTxReg: 0x62,
    Register.SerialSpeedReg: 0xEB,
    Register.CRCResultRegH: 0xFF,
    Register.CRCResultRegL: 0xFF,
    Register.ModWidthReg: 0x26,
    Register.RFCfgReg: 0x48,
    Register.GsNReg: 0x88,
    Register.CWGsPReg: 0x20,
    Register.ModGsPReg: 0x20,
    Register.TestPinEnReg: 0x80,
    Register.AutoTestReg: 0x40,
}
"""After power-on or SoftReset, of the registers whose reset value is not 0 (section 9.2; VersionReg depends on the chip)."""

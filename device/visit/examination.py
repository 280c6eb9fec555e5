"""The middle of a visit: from a person who is known to a record on the disk."""

from __future__ import annotations

from device.process.logs import Log
from device.screen.view import Page, View
from device.visit import pages
from device.visit.body import find_body
from device.visit.capture import Capture, Captured
from device.visit.desk import Desk
from device.visit.gates import Gate, failing_position_gate, failing_room_gate
from device.visit.given import Given
from device.visit.motion import movement
from device.visit.reading import Circumstances, Person, read_capture, screening_record
from device.visit.reasons import Reason
from device.visit.table import Event
from drivers.protocols import Signal

LOG = Log(__name__)
ATTEMPTS = 5
"""So often a patient may leave the position during the capture, or the sensor fail, before the visit is given up."""
AWAY_FRAMES = 8
"""So many frames in a row without the body in place: ask to position again."""


class Examination:
    """Each public method is the action of its name in `device.visit.table`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -- prepare

    def ask_prepare(self, given: Given) -> Event | None:
        self._show_prepare()
        return None

    def count_prepare(self, given: Given) -> Event | None:
        self._show_prepare()
        return None

    def _show_prepare(self) -> None:
        desk = self._desk
        failing = failing_room_gate(desk.sensor.warmth, desk.config.capture)
        desk.show(pages.prepare(desk.config.capture.prepare_s, desk.timer.left_s, failing[1] if failing else None))

    # -- position

    def skip_prepare(self, given: Given) -> Event | None:
        self._desk.session.prepare_skipped = True
        return self.ask_position(given)

    def ask_position(self, given: Given) -> Event | None:
        """Begin, or begin again, to look for the body; frames of a moment ago count, so who stands right need not wait."""
        session = self._desk.session
        session.capture = None
        session.attempts += 1
        if session.attempts > ATTEMPTS:
            session.reason = Reason.TOO_MUCH_MOTION
            return Event.FAULT
        return self.judge_position(given)

    def forget_frames(self, given: Given) -> Event | None:
        """The sensor was opened anew; its watch has dropped the frames, so the page has nothing to show for a moment."""
        return self.judge_position(given)

    def judge_position(self, given: Given) -> Event | None:
        """One instruction at a time. The capture begins once two frames in a row fit and agree with each other."""
        desk = self._desk
        frames = desk.sensor.recent()
        instruction = self._instruction()
        fits = instruction is Reason.HOLD_STILL
        desk.session.instruction = instruction
        shown = Reason.STAND_HERE if instruction is Reason.NOBODY_THERE else instruction
        desk.show(pages.position(shown, frames[-1].celsius if frames else None, fits=fits))
        if not fits or len(frames) < 2 or failing_position_gate(find_body(frames[0].celsius)):
            return None
        return Event.IN_POSITION if movement(frames[1].celsius, frames[0].celsius).still else None

    def _instruction(self) -> Reason:
        desk = self._desk
        frames = desk.sensor.recent()
        room = failing_room_gate(desk.sensor.warmth, desk.config.capture)
        if room is not None:
            return room[1]
        wrong = failing_position_gate(find_body(frames[-1].celsius)) if frames else (Gate.BODY_PRESENT, Reason.STAND_HERE)
        return wrong[1] if wrong else Reason.HOLD_STILL

    # -- capture

    def start_capture(self, given: Given) -> Event | None:
        """The next frame to be completed is the first. The sensor measures all the time, so it may have begun before this;
        two that began before it have shown that the body is in place, and the motion gate compares the others with it."""
        desk = self._desk
        desk.session.capture = Capture(desk.config.capture.target_noise_k, desk.sensor.camera.refresh_hz)
        desk.session.instruction = Reason.HOLD_STILL
        desk.signal(Signal.WORKING)
        desk.show(pages.capture(0.0, Reason.HOLD_STILL))
        return None

    def add_frame(self, given: Given) -> Event | None:
        session, capture = self._desk.session, self._capture()
        if given.frame is None or capture.complete:
            return None
        session.instruction = capture.add(given.frame)
        self._desk.show(pages.capture(capture.progress, session.instruction))
        if capture.out_of_position >= AWAY_FRAMES and capture.frames == 0:
            return Event.POSITION_LOST
        return self.check_complete(given)

    def check_complete(self, given: Given) -> Event | None:
        """Complete only with a card that was still there afterwards: without it nothing is kept."""
        capture = self._capture()
        seen = self._desk.reader.presence.seen_since(capture.finished_s)
        return Event.CAPTURED if capture.complete and seen else None

    def show_working(self, given: Given) -> Event | None:
        """The photograph comes now: no thermal frame is needed any more, the patient still stands there, and the card lies
        there. Thermal frames that pass by meanwhile are dropped."""
        desk, session = self._desk, self._desk.session
        session.captured = captured = self._capture().result()
        desk.show(View(Page.WORKING))
        if desk.photographer is not None:
            session.photograph = desk.photographer.take(captured.finished_s)
        return None

    def _capture(self) -> Capture:
        if self._desk.session.capture is None:
            raise ValueError("no capture is under way")
        return self._desk.session.capture

    # -- analyse and save

    def analyse(self, given: Given) -> Event | None:
        """Measure, ask the model, and put the record together."""
        desk, session = self._desk, self._desk.session
        captured = session.captured
        if captured is None or session.patient is None or session.consent is None:
            raise ValueError("a record needs a capture, a patient and a consent")
        reading = read_capture(captured, desk.model, flat_field=desk.config.sensor.flat_field is not None)
        session.prediction = reading.prediction
        camera = desk.sensor.camera
        circumstances = Circumstances(
            moment=desk.time.now(),
            eeprom=camera.eeprom,
            refresh_hz=camera.refresh_hz,
            emissivity=camera.emissivity,
            gates=self._gates(captured),
            prepare_skipped=session.prepare_skipped,
            tap_to_ack_s=session.acknowledged_s - session.tapped_s,
        )
        person = Person(session.patient, session.consent, desk.screen.language, session.registered_now)
        took_s = desk.time.monotonic() - session.tapped_s
        session.record = screening_record(desk.config, person, circumstances, captured, reading, session.photograph, took_s)
        return Event.ANALYSED

    def _gates(self, captured: Captured) -> dict[Gate, bool]:
        """Without position and noise there is no capture; the room may have changed during it, and the patient have moved."""
        gates = dict.fromkeys(Gate, True)
        failing = failing_room_gate(self._desk.sensor.warmth, self._desk.config.capture)
        if failing is not None:
            gates[failing[0]] = False
        gates[Gate.MOTION] = captured.rejected <= captured.frames
        return gates

    def save(self, given: Given) -> Event | None:
        """Make the record durable, then let it be shown if the card was there afterwards; wait until that is known."""
        self._save()
        presence = self._desk.reader.presence
        if presence.seen_since(self._desk.session.saved_s):
            return Event.SAVED
        return None if presence.occupied else Event.SAVED_UNSEEN

    def finish_unseen(self, given: Given) -> Event | None:
        """The card was taken after the capture: the record is finished all the same."""
        if self._desk.session.record is None:
            self.analyse(given)
        self._save()
        return Event.SAVED_UNSEEN

    def _save(self) -> None:
        session = self._desk.session
        if session.record is None:
            raise ValueError("there is no record to save")
        if session.saved:
            return
        began_s = self._desk.time.monotonic()
        self._desk.archive.save(session.record)
        session.saved = True
        if session.captured is not None and session.patient is not None:
            self._desk.drift.note(session.captured.celsius, session.prediction, session.patient.ref)
        session.saved_s = now_s = self._desk.time.monotonic()
        LOG.info("record saved", record=session.record.id, save_ms=round(1000 * (now_s - began_s), 1),
                 tap_to_result_s=round(now_s - session.tapped_s, 3))  # fmt: skip

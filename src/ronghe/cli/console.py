"""What a command says on standard error while it works: progress, bad lines, notes. Results are not its business."""

import sys
import time
from typing import TextIO

_TERMINAL_SECONDS = 0.2
_OTHER_SECONDS = 10.0


class Console:
    """Progress that is rewritten on a terminal and said every ten seconds elsewhere; complaints as they come.

    `bad` counts the lines complained of. `quiet` leaves out progress and notes, never complaints.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.bad = 0
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._terminal = self._stream.isatty()
        self._said = 0.0
        self._began: tuple[float, int, float] | None = None
        self._shown = 0

    def complain(self, name: str, line: int, reason: str) -> None:
        """Say that a line of the file cannot be used, and why."""
        self.bad += 1
        self._say(f"{name}: line {line}: {reason}")

    def note(self, text: str) -> None:
        """Say something that is worth knowing but no fault."""
        if not self._quiet:
            self._say(text)

    def fail(self, text: str) -> None:
        """Say why the command ends without its result."""
        self._say(text)

    def progress(self, what: str, done: int, fraction: float | None = None) -> None:
        """Say how many were done, how fast, and, where the part of the whole is known, how long it will take.

        The clock starts at the first call: what was done before it, such as loading the lexicon, is no measure.
        """
        now = time.monotonic()
        if self._began is None:
            self._began = (now, done, fraction or 0.0)
            self._said = now
        if self._quiet or now - self._said < (_TERMINAL_SECONDS if self._terminal else _OTHER_SECONDS):
            return
        self._said = now
        start, done_before, part_before = self._began
        elapsed = now - start
        line = f"{done:,} {what}"
        if done > done_before and elapsed > 0:
            line += f", {(done - done_before) / elapsed:,.0f} a second"
        if fraction is not None and part_before < fraction < 1:
            to_go = elapsed * (1 - fraction) / (fraction - part_before)
            line += f", {fraction:.0%}, {_duration(to_go)} to go"
        if self._terminal:
            self._stream.write("\r" + line.ljust(self._shown))
            self._shown = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def restart(self) -> None:
        """Begin to count the time anew, for the next stretch of work."""
        self._clear()
        self._began = None

    def close(self) -> None:
        """Leave the terminal's line clean."""
        self._clear()

    def _say(self, text: str) -> None:
        self._clear()
        self._stream.write(text + "\n")
        self._stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"

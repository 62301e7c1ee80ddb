"""The streams and futures of a call, written after docs/protocol.md, "Streams and futures".

A stream is given as an iterable of its elements, one of bytes as an iterable of bytes; a future as its value. What comes is
to be iterated over in the same way, or, of a future, asked for its value.
"""
import struct

ERROR, DATA, CANCEL, CREDIT = 6, 7, 10, 15
MORE, PART = 1, 16
WINDOW, COST, LONGEST = 1 << 18, 256, 1 << 15


class Sending:
    """A stream or a future of this side: `frames` are the flags and bytes of its DATA."""

    def __init__(self, connection, id, number, frames):
        self.connection, self.id, self.number, self.frames, self.credit = connection, id, number, frames, 0

    def take(self, kind, flags, payload):
        if kind == CANCEL:
            self.frames = iter(())
        elif kind == CREDIT:
            self.credit += struct.unpack("<I", payload)[0]
        while self.credit > 0 and (frame := next(self.frames, None)):
            self.credit -= len(frame[1]) + COST
            self.connection.send(DATA, frame[0], self.number, self.id, frame[1])


class Receiving:
    """A stream or a future of the other side, whose elements `read` finds in bytes."""

    def __init__(self, connection, id, number, read):
        self.connection, self.id, self.number, self.read = connection, id, number, read
        self.came, self.ended, self.failed = [], False, None

    def take(self, kind, flags, payload):
        self.failed = payload if kind == ERROR else None
        self.ended = kind == ERROR or not flags & MORE
        self.came.append((flags, payload))

    def __iter__(self):
        parts, credit = b"", WINDOW
        while self.came or not self.ended:
            if credit and not self.ended:
                self.connection.send(CREDIT, 0, self.number, self.id, struct.pack("<I", credit))
            credit = 0
            while not self.came:
                self.connection.receive()
            flags, payload = self.came.pop(0)
            if self.failed is not None and not self.came:
                raise self.connection.failure(self.failed)
            parts, credit = parts + payload, len(payload) + COST
            if not flags & PART:
                yield from self.read(parts)
                parts = b""

    def value(self):
        return next(iter(self))

    def cancel(self):
        self.ended, self.came = True, []
        self.connection.send(CANCEL, 0, self.number, self.id)


class CallStreams:
    """Those of call `id`, by their numbers."""

    def __init__(self, connection, id):
        self.connection, self.id, self.all = connection, id, {}

    def send(self, pieces, is_future):
        number = 1 + len(self.all)  # arguments come before results, so all of these are ours
        self.all[number] = Sending(self.connection, self.id, number, frames(pieces, is_future))
        return number

    def receive(self, number, read):
        self.all[number] = Receiving(self.connection, self.id, number, read)
        return self.all[number]

    def take(self, kind, flags, number, payload):
        if number in self.all:
            self.all[number].take(kind, flags, payload)


def frames(pieces, is_future):
    for piece in filter(None, pieces):
        for at in range(0, len(piece), LONGEST):
            is_part = at + LONGEST < len(piece)
            yield MORE | PART if is_part else 0 if is_future else MORE, piece[at:at + LONGEST]
    if not is_future:
        yield 0, b""

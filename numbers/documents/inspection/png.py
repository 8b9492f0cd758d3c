"""The chunks of a PNG: what is beside the pixels, and how many of these there are."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from numbers.documents.rejections import malformed, too_complex

MAGIC = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 20_000
MOST_TEXT = 1_000_000  # bytes of one compressed text
MOST_PROFILE = 16_000_000  # bytes of a colour profile: those of printers have some millions
STEP = 1_000_000
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type
# Of the passes of an interlaced one: first column and row, and the steps across and down.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
# What the picture is drawn from; the orientation is in eXIf.
DRAWN, ANIMATION = {b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"eXIf"}, {b"fdAT", b"fcTL", b"acTL"}


@dataclass(frozen=True, slots=True)
class Png:
    metadata: list[bytes]
    trailer: bytes  # behind the end
    bare: bytes  # a file of the pixels alone
    header: bytes  # of IHDR
    packed: list[bytes]  # the pixels

    def share(self) -> float:
        """Of the pixels, how much is there: 0 to 1."""
        expected = _unpacked_size(self.header)
        unpacker, got = zlib.decompressobj(), 0
        try:
            for part in self.packed:
                while part and got < expected and not unpacker.eof:
                    got += len(unpacker.decompress(part, STEP))
                    part = unpacker.unconsumed_tail
        except zlib.error:
            return 1.0  # damaged in its midst: the decoder says so
        return min(got / expected, 1.0)


def read(data: bytes) -> Png:
    """Raises document_malformed for what has no pixels, and document_too_complex. A file may break off in the midst of
    its pixels or behind them."""
    metadata: list[bytes] = []
    kept: list[tuple[bytes, bytes]] = []
    position = len(MAGIC)
    for _ in range(MOST_CHUNKS):
        length, name = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        end = position + 12 + length
        content, checked = data[position + 8 : end - 4], data[end - 4 : end]
        if name == b"IEND" or len(name) < 4:
            return _made(metadata, kept, data[position + 12 :])
        if name in DRAWN and not (name == b"eXIf" and checked != _check(name, content)):
            kept.append((name, content))
        if name not in DRAWN | ANIMATION or name == b"eXIf":
            metadata += [content, *_unpacked(name, content)]
        if end > len(data):
            if name == b"IDAT":
                kept[-1] = (name, data[position + 8 :])
            return _made(metadata, kept, b"")
        position = end
    raise too_complex()


def _made(metadata: list[bytes], kept: list[tuple[bytes, bytes]], trailer: bytes) -> Png:
    packed = [content for name, content in kept if name == b"IDAT"]
    if not packed or kept[0][0] != b"IHDR" or len(kept[0][1]) != 13:
        raise malformed("picture")
    parts = [
        struct.pack(">I", len(content)) + name + content + _check(name, content)
        for name, content in [*kept, (b"IEND", b"")]
    ]
    return Png(metadata, trailer, MAGIC + b"".join(parts), kept[0][1], packed)


def _check(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(name + content))


def _unpacked_size(header: bytes) -> int:
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits = depth * CHANNELS.get(colour, 4)
    passes = PASSES if interlaced else [(0, 0, 1, 1)]
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        total += max(rows, 0) * (1 + (columns * bits + 7) // 8) if columns > 0 else 0
    return max(total, 1)


def _unpacked(name: bytes, content: bytes) -> Iterator[bytes]:
    """The clear text of a compressed text or colour profile."""
    start = {b"zTXt": 1, b"iCCP": 1, b"iTXt": 2}.get(name)
    _, nul, rest = content.partition(b"\0")
    if start is None or not nul:
        return
    if name == b"iTXt":
        if rest[:1] != b"\1":
            return
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        start = 0
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(rest[start:], MOST_PROFILE if name == b"iCCP" else MOST_TEXT)
    except zlib.error:
        return
    if unpacker.unconsumed_tail:
        raise too_complex()
    yield text

"""The segments of a JPEG: what is beside the pixels, and how far the pixels go."""

import re
from dataclasses import dataclass, field

from numbers.documents.rejections import malformed, too_complex

END = b"\xff\xd9"
MOST_SEGMENTS = 20_000
MOST_SCANS = 100  # of a progressive JPEG, each of which is worked through over the whole picture
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
FRAMES = {code for code in range(0xC0, 0xD0) if code not in (0xC4, 0xC8, 0xCC)}
COEFFICIENTS = 64  # of each block of 8 × 8 pixels
SEGMENT = re.compile(rb"\xff+([^\x00\xff])")
AFTER_SCAN = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")


@dataclass(slots=True)
class Jpeg:
    metadata: list[bytes] = field(default_factory=list)
    trailer: bytes = b""  # behind the end
    has_end: bool = False
    last_scan: int = 0  # where its pixels begin, of a file without an end
    breaks_in_pixels: bool = False  # the last scan lays down pixels, and may be incomplete
    needed: dict[tuple[int, int], None] = field(default_factory=dict)  # (component, coefficient) no scan has brought
    sampling: list[tuple[int, int]] = field(default_factory=list)  # across and down, of each component
    progressive: bool = False

    @property
    def lacks_scans(self) -> bool:
        return not self.has_end and bool(self.needed)


def read(data: bytes) -> Jpeg:
    """Raises document_malformed for what has no pixels, and document_too_complex.

    A file may end without its end marker, in the midst of its pixels or behind them.
    """
    found, position, scans = Jpeg(), 2, 0
    for _ in range(MOST_SEGMENTS):
        marker = SEGMENT.search(data, position)
        if marker is None:
            return _broken_off(found, scans)
        found.metadata.append(data[position : marker.start()])  # stray bytes, which decoders skip
        code, position = marker[1][0], marker.end()
        if code == 0xD9:
            found.has_end, found.trailer = True, data[position:]
            return found
        if code == 0x01 or 0xD0 <= code <= 0xD8:
            continue
        length = int.from_bytes(data[position : position + 2])
        content = data[position + 2 : position + length]
        if length < 2 or position + length > len(data):
            return _broken_off(found, scans)
        if 0xE0 <= code <= 0xEF or code == 0xFE:
            found.metadata.append(content)
        elif code in FRAMES:
            _frame(found, code, content)
        position += length
        if code == 0xDA:
            scans += 1
            first = _scan(found, content)
            following = AFTER_SCAN.search(data, position)
            if following is None:
                found.last_scan, found.breaks_in_pixels = position, first
                return found
            position = following.start()
        if scans > MOST_SCANS:
            break
    raise too_complex()


def _broken_off(found: Jpeg, scans: int) -> Jpeg:
    if not scans:
        raise malformed("picture")
    return found


def _frame(found: Jpeg, code: int, content: bytes) -> None:
    components = [content[start : start + 3] for start in range(6, len(content) - 2, 3)]
    found.progressive = code in PROGRESSIVE
    found.sampling = [(each[1] >> 4, each[1] & 15) for each in components]
    found.needed = dict.fromkeys((each[0], number) for each in components for number in range(COEFFICIENTS))


def _scan(found: Jpeg, content: bytes) -> bool:
    """Takes what the scan brings off ``needed``. False for one that only makes others sharper."""
    count = content[0] if content else 0
    if len(content) < 4 + 2 * count:
        raise malformed("picture")
    first, last, sharper = content[1 + 2 * count], content[2 + 2 * count], content[3 + 2 * count] >> 4
    if not found.progressive:
        first, last, sharper = 0, COEFFICIENTS - 1, 0
    if sharper:
        return False
    for component in content[1 : 1 + 2 * count : 2]:
        for number in range(first, min(last, COEFFICIENTS - 1) + 1):
            found.needed.pop((component, number), None)
    return True


def bare(data: bytes) -> bytes:
    """Of one inside a PDF the segments that its pixels need. Of those for programs only Adobe's is kept, which says how
    colours are meant."""
    if not data.startswith(b"\xff\xd8"):
        raise malformed("PDF")
    kept, position = [data[:2]], 2
    for _ in range(MOST_SEGMENTS):
        marker = SEGMENT.search(data, position)
        if marker is None or marker[1][0] == 0xD9:
            return b"".join([*kept, END])
        code, position = marker[1][0], marker.end()
        if code == 0x01 or 0xD0 <= code <= 0xD8:
            continue
        end = position + max(int.from_bytes(data[position : position + 2]), 2)
        if code == 0xDA:
            following = AFTER_SCAN.search(data, end)
            end = following.start() if following else len(data)
        if code == 0xEE or not (0xE0 <= code <= 0xEF or code == 0xFE):
            kept.append(b"\xff" + bytes([code]) + data[position:end])
        position = end
    raise too_complex()

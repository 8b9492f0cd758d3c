"""The default alphabet of GSM (3GPP TS 23.038, sections 6.2.1 and 6.2.1.1), one septet in each byte, as SMPP has it."""

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
# After an escape. What is not in it means the same as without one.
_EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x1B: " ", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
    0x65: "€",
}  # fmt: skip
CHARACTERS = frozenset(_BASIC.replace("\x1b", "")) | frozenset(_EXTENSION.values())


def decode(septets: bytes) -> str:
    """Raises ValueError for a byte that is no septet. An escape with nothing behind it is a space."""
    if _ESCAPE not in septets:
        return "".join([_basic(each) for each in septets])
    text, escaped = [], False
    for each in septets:
        if escaped:
            text.append(_EXTENSION.get(each) or _basic(each))
            escaped = False
        elif each == _ESCAPE:
            escaped = True
        else:
            text.append(_basic(each))
    return "".join(text) + (" " if escaped else "")


def _basic(septet: int) -> str:
    if septet >= len(_BASIC):
        raise ValueError("a septet has seven bits")
    return _BASIC[septet]

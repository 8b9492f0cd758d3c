"""File names as people see them. What is stored is called otherwise; no name of ours is ever used as a path."""

import re
import unicodedata

LONGEST = 120
EXTENSIONS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
}
SIGNS = re.compile(r'[<>:"|?*/\\%;`$&\']')  # mean something to a shell, a browser or Windows
DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)")


def extension(name: str) -> str:
    """In lower case and without the dot; "" when there is none."""
    stem, dot, ending = _last_part(name).rpartition(".")
    return ending.lower() if dot and stem else ""


def clean(name: str, content_type: str) -> str:
    """A harmless name with an ending that fits ``content_type``, at most ``LONGEST`` characters long."""
    endings = EXTENSIONS[content_type]
    name = _last_part(name)
    ending = extension(name)
    stem = name[: -len(ending) - 1] if ending in endings else name
    stem = SIGNS.sub("_", stem)
    stem = re.sub(r"\s+", " ", stem).strip(" .")
    if DEVICE.match(stem):
        stem = f"_{stem}"
    ending = ending if ending in endings else endings[0]
    stem = stem[: LONGEST - len(ending) - 1].rstrip(" .")
    return f"{stem or 'document'}.{ending}"


def _last_part(name: str) -> str:
    """Without folders, control characters, line ends, and signs that turn the direction of writing."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = re.split(r"[/\\]", name)[-1]
    kept = (character for character in name if unicodedata.category(character)[0] != "C"
            and unicodedata.category(character) not in ("Zl", "Zp"))
    return "".join(kept).strip()

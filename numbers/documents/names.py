"""File names as people see them. What is stored is called otherwise; no name of ours is ever used as a path."""

import re
import unicodedata

LONGEST = 120
EXTENSIONS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
}
# Of other pictures and documents, which a name loses when its content is of another kind.
OTHERS = {"heic", "heif", "webp", "avif", "tif", "tiff", "gif", "bmp", "jp2", "doc", "docx", "ai", "eps"}
# Of what runs when it is opened. Nobody calls a scan so by accident.
ACTIVE = {
    "exe",
    "com",
    "bat",
    "cmd",
    "scr",
    "pif",
    "msi",
    "dll",
    "lnk",
    "jar",
    "js",
    "mjs",
    "jse",
    "vbs",
    "vbe",
    "wsf",
    "hta",
    "ps1",
    "sh",
    "bash",
    "py",
    "pl",
    "rb",
    "php",
    "phtml",
    "asp",
    "aspx",
    "jsp",
    "cgi",
    "html",
    "htm",
    "xhtml",
    "svg",
    "xml",
    "swf",
    "apk",
    "app",
    "dmg",
    "iso",
    "deb",
    "rpm",
    "reg",
    "url",
    "zip",
    "rar",
    "7z",
    "gz",
    "tar",
}
SIGNS = re.compile(r'[<>:"|?*/\\%;`$&\']')  # mean something to a shell, a browser or Windows
DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)")


def extension(name: str) -> str:
    """In lower case and without the dot; "" when there is none."""
    stem, dot, ending = _last_part(name).rpartition(".")
    return ending.lower() if dot and stem else ""


def clean(name: str, content_type: str) -> str:
    """A harmless name with an ending that fits ``content_type``, in place of another one's; at most ``LONGEST``
    characters long."""
    endings = EXTENSIONS[content_type]
    name = _last_part(name)
    ending = extension(name)
    known = OTHERS.union(*EXTENSIONS.values())
    stem = name[: -len(ending) - 1] if ending in known else name
    stem = SIGNS.sub("_", stem)
    stem = re.sub(r"\s+", " ", stem).strip(" .")
    if DEVICE.match(stem):
        stem = f"_{stem}"
    ending = ending if ending in endings else endings[0]
    stem = stem[: LONGEST - len(ending) - 1].rstrip(" .")
    return f"{stem or 'document'}.{ending}"


def has_wrong_ending(name: str, content_type: str) -> bool:
    """It ends as files of another kind do. What is no ending that we know, or none, is not wrong."""
    ending = extension(name)
    return ending in OTHERS.union(*EXTENSIONS.values()) and ending not in EXTENSIONS[content_type]


def _last_part(name: str) -> str:
    """Without folders, control characters, line ends, and signs that turn the direction of writing."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = re.split(r"[/\\]", name)[-1]
    kept = (
        character
        for character in name
        if unicodedata.category(character)[0] != "C" and unicodedata.category(character) not in ("Zl", "Zp")
    )
    return "".join(kept).strip()

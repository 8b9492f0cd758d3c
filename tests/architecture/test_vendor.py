"""The vendored front-end files are those that package.json pins, unchanged."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
PINNED = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def test_every_pinned_package_is_vendored_at_its_version():
    assert {name: entry["version"] for name, entry in MANIFEST.items()} == PINNED["dependencies"]


def test_versions_are_exact():
    assert all(version[0].isdigit() for version in PINNED["dependencies"].values())


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_files_are_as_they_were_copied(name):
    assert digest(VENDOR / MANIFEST[name]["folder"]) == MANIFEST[name]["digest"], "run `make vendor`"


def test_a_changed_file_is_noticed(tmp_path):
    """The negative control of the digest."""
    (tmp_path / "a.js").write_text("one")
    before = digest(tmp_path)
    (tmp_path / "a.js").write_text("two")
    assert digest(tmp_path) != before


def test_nothing_else_lies_in_the_vendor_folder():
    known = {entry["folder"] for entry in MANIFEST.values()} | {"manifest.json", "README.md"}
    assert {path.name for path in VENDOR.iterdir()} == known


def test_the_manifest_lists_the_icons_of_package_json():
    icons = {path.stem for path in (VENDOR / "icons").glob("*.svg")}
    assert icons == set(PINNED["icons"])


def test_no_source_maps():
    for path in VENDOR.rglob("*"):
        assert path.suffix != ".map"
        if path.suffix in {".js", ".css"}:
            assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path


def test_the_captcha_widget_is_of_the_generation_that_the_server_speaks():
    """altcha 3 changed the challenge format; the Python package speaks 2."""
    assert MANIFEST["altcha"]["version"].startswith("2.")

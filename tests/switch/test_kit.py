"""The kit as it lies there: its examples are a configuration, and its packages are those that CI installs."""

import shutil
import subprocess
import tomllib

from tests.architecture.layers import ROOT
from tests.switch.kit import KIT, PACKAGES


def test_the_examples_are_a_whole_configuration(tmp_path):
    for path in KIT.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path / path.name.removesuffix(".example"))
    command = ["kamailio", "-c", "-f", tmp_path / "kamailio.cfg"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "ERROR" not in checked.stderr
    assert "tls: 192.0.2.10" in checked.stderr + checked.stdout


def test_ci_installs_the_packages_that_the_manual_names():
    manual = (ROOT / "docs" / "carrier.md").read_text()
    ci = (ROOT / ".ci" / "run").read_text()
    for package in PACKAGES.split():
        assert package in ci
        assert package in manual
    marker = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    assert any(each.startswith("switch:") for each in marker)

"""What the sources read, what `.env.example` explains and what docker-compose.yml passes on are the same settings."""

import re
from pathlib import Path

import pytest

from tests.architecture import layers

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
CADDYFILE = (ROOT / "Caddyfile").read_text(encoding="utf-8")
# Blank for everything but the containers that need them.
BLANK = {"DATABASE_OWNER_URL", "DATABASE_OWNER_PASSWORD", "DATABASE_PASSWORD"}


def blocks(text, indent):
    """Name → text below it, of the keys at this indentation."""
    parts = re.split(rf"^ {{{indent}}}([a-z][\w-]*):", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


TOP = blocks(COMPOSE, 0)
SERVICES = blocks(TOP["services"], 2)
PORTAL = [name for name, text in SERVICES.items() if re.search(r"<<: \*(portal|worker)\b", text)]


def sections():
    """Title → names of the settings below it in .env.example."""
    parts = re.split(r"^# --- (.*?) -+$", EXAMPLE, flags=re.M)
    return {
        title: set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.M))
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def section(beginning):
    (names,) = (names for title, names in sections().items() if title.startswith(beginning))
    return names


def read_by_sources():
    names = set()
    for package in ("portal", "projects", "billing", "numbers"):
        for path in layers.sources(package):
            text = path.read_text(encoding="utf-8")
            names |= set(re.findall(r"\benv\.(?:text|flag|number|words)\(\s*\"([A-Z_]+)\"", text))
    return names


def decided():
    """What the composition sets for each container of the portal."""
    return dict(re.findall(r"^    ([A-Z_]+): (.*)$", TOP["x-portal"], re.M))


def interpolated():
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))


def test_each_setting_is_explained_once_and_nothing_else_is():
    explained = [name for names in sections().values() for name in names]
    assert len(explained) == len(set(explained))
    assert set(explained) - section("docker-compose.yml only") == read_by_sources()


def test_what_is_for_the_composition_only_is_used_by_it_and_explained():
    assert section("docker-compose.yml only") == interpolated() - read_by_sources()


def test_what_the_composition_decides_stands_apart():
    others = set(decided()) - (BLANK - {"DATABASE_OWNER_URL"})
    assert section("docker-compose.yml decides") == others | {"PROCESS_CLASS"}  # portal.serve and portal.work set that


def test_every_other_setting_reaches_every_container_of_the_portal():
    """By the file as it is: no list of names that somebody would have to keep."""
    assert "env_file: [{path: .env, format: raw}]" in TOP["x-portal"]
    assert {"people", "rest", "carrier", "worker-default", "worker-bulk", "beat", "migrate"} <= set(PORTAL)
    for name in PORTAL:
        assert "env_file" not in SERVICES[name]
        if "environment" in SERVICES[name]:
            assert "<<: *environment" in SERVICES[name], name
    taken = {name for name, value in decided().items() if f"${{{name}:" in value}
    assert taken == {"TRUSTED_PROXIES"}


def test_only_migrate_learns_the_owners_password():
    assert {name for name, value in decided().items() if value == '""'} == BLANK
    given = [name for name in PORTAL if "OWNER" in SERVICES[name]]
    assert given == ["migrate"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_fills_the_disk_or_the_memory(name):
    text = SERVICES[name] + TOP["x-portal"] * (name in PORTAL)
    assert "logging: *logging" in text
    assert "mem_limit: " in text


@pytest.mark.parametrize("name", ["people", "rest", "carrier", "switches", "postgres", "redis", "front", "beat"])
def test_containers_tell_whether_they_are_well(name):
    assert "healthcheck:" in SERVICES[name]


def test_no_container_counts_on_a_variable_of_its_shell():
    assert set(re.findall(r"\$\$([A-Z_]+)", COMPOSE)) == set()


def test_the_front_is_given_what_it_reads_and_no_secret():
    given = set(re.findall(r"^      ([A-Z_]+): ", SERVICES["front"], re.M))
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "front").glob("*.html"))
    reads = set(re.findall(r"\{\$([A-Z_]+)", CADDYFILE)) | set(re.findall(r'env "([A-Z_]+)"', pages))
    with_default = set(re.findall(r"\{\$([A-Z_]+):", CADDYFILE))
    assert given - reads == {"GOMEMLIMIT"}  # its runtime's
    assert reads - with_default <= given


def test_the_images_versions_stand_in_one_place_each():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name, default in re.findall(r"^ARG ([A-Z]+_IMAGE)=(\S+)$", dockerfile, re.M):
        assert set(re.findall(rf"\$\{{{name}:-([^}}]+)\}}", COMPOSE)) == {default}
    for name, default in re.findall(r"\$\{([A-Z]+_IMAGE):-([^}]+)\}", COMPOSE):
        assert f"# {name}={default}\n" in EXAMPLE


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "ENCRYPTION_KEYS",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRETS",
        "DATABASE_PASSWORD",
        "DATABASE_OWNER_PASSWORD",
    ],
)
def test_secrets_have_no_default(name):
    assert re.search(rf"^{name}=$", EXAMPLE, re.M)
    assert f"${{{name}:-" not in COMPOSE

"""Who may import whom, read from the source: imports at the top of a file and inside functions count alike."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Lowest first. A module may import its own layer and the ones before it; the longest name that fits says which it is.
LAYERS = [
    ("portal.core", "portal.celery", "portal.serve"),
    ("portal.outbound",),
    ("portal.jobs",),
    ("portal.accounts",),
    ("projects",),
    ("billing",),
    ("numbers.inventory",),
    ("numbers.regulations",),
    ("numbers.documents",),
    ("numbers.leases",),
    ("numbers.routing",),
    ("numbers.routing_files",),
    ("numbers.calls",),
    ("numbers.messaging",),
    ("numbers.renewals",),
    ("numbers.orders",),
    ("numbers.compliance",),
    ("numbers.desk",),
    ("numbers.console",),
    ("numbers.carrier",),
    ("numbers.guide_api",),
    ("numbers",),
    ("portal.shell", "portal.templatetags"),
    ("portal.edge",),
    ("portal",),
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
# By themselves: the package of the project holds nothing, and ``numbers`` is the standard library's.
NAMESPACES = {"portal", "numbers"}


@dataclass(frozen=True)
class Import:
    importer: str
    line: int
    target: str


def layer(module: str) -> str | None:
    """The name of LAYERS that ``module`` belongs to; None for a namespace, and for what is not ours."""
    if module in NAMESPACES:
        return None
    parts = module.split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in names if name in RANK), None)


def module_name(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(*folders: str, root: Path = ROOT) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
        if not {"migrations", "__pycache__"} & set(path.parts)
    ]


def imports(source: str, module: str, modules: Iterable[str]) -> Iterator[Import]:
    """``from package import name`` counts as an import of ``package.name`` where that is a module."""
    known = set(modules)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(module, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:  # ours are absolute; a relative one is resolved like Python does
                package = module.split(".")[: -node.level]
                base = ".".join([*package, *([base] if base else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield Import(module, node.lineno, whole if whole in known else base)


def all_imports(root: Path = ROOT) -> list[Import]:
    paths = sources("portal", "projects", "billing", "numbers", root=root)
    names = {path: module_name(path, root) for path in paths}
    return [
        entry
        for path, name in names.items()
        for entry in imports(path.read_text(encoding="utf-8"), name, names.values())
    ]


def upward(entries: Iterable[Import]) -> list[str]:
    found = []
    for entry in entries:
        low, high = layer(entry.importer), layer(entry.target)
        if low is None or high is None:
            continue
        if RANK[high] > RANK[low]:
            found.append(f"{entry.importer}:{entry.line} imports {entry.target} ({low} may not import {high})")
    return found


def cycles(entries: Iterable[Import]) -> list[list[str]]:
    """Groups of modules that import each other in a circle (Tarjan)."""
    graph: dict[str, set[str]] = {}
    for entry in entries:
        graph.setdefault(entry.importer, set()).add(entry.target)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in graph.get(name, ()):
            if target not in graph:
                continue
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            group = []
            while (member := stack.pop()) != name:
                group.append(member)
            if group:
                found.append(sorted([*group, name]))

    for name in list(graph):
        if name not in index:
            visit(name)
    return found

"""The rules of the house as functions from source text to complaints; test_architecture.py runs them on the tree.

`floors < ...` reads: a module may import from its own floor (where neighbours may know each other) and from every
floor below. A complaint is one sentence that names the file and the line.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "waitlist"
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
FLOORS = {"ground": 0, "gates": 1, "models": 2, "services": 3, "queries": 3, "web": 4, "api": 4, "jobs": 4, "cli": 4}
FLOORS |= {"__init__": 5, "migrations": 5}
DOORS = frozenset({"web", "api", "jobs", "cli"})
# Rooms on one floor that do not know each other; the command line may start the jobs.
STRANGERS = frozenset({("services", "queries"), ("queries", "services")}) | {
    (a, b) for a in DOORS for b in DOORS if a != b and (a, b) != ("cli", "jobs")
}


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name and its text."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text; raises SyntaxError where the text is no Python."""
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """`models` for waitlist.models.entry, `ground` for waitlist.db, `__init__` for the package itself."""
        parts = self.name.split(".")
        if len(parts) == 1:
            return "__init__"
        return parts[1] if parts[1] in FLOORS else "ground"


def read_tree(root: Path) -> dict[str, Module]:
    """Every module of the package below `root` by dotted name; empty where there is no package yet."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = list(path.relative_to(root).with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found[name] = Module(name, path.read_text(), is_package)
    return found


def unknown_rooms(modules: Mapping[str, Module]) -> list[str]:
    """A new package must be given a floor before it holds code, or nothing would guard it."""
    packages = {m.name.split(".")[1] for m in modules.values() if m.name.count(".") > 1 or _is_sub_package(m)}
    return [f"{PACKAGE}/{name}/ has no floor: add it to FLOORS" for name in sorted(packages - FLOORS.keys())]


def wrong_floors(modules: Mapping[str, Module]) -> list[str]:
    """Imports that go up, or across to a stranger on the same floor."""
    complaints = []
    for module in modules.values():
        for target, line in imports_of(module, modules):
            here, there = module.room, Module(target, "").room
            if FLOORS[there] > FLOORS[here] or (here, there) in STRANGERS:
                complaints.append(f"{module.name}:{line} ({here}) imports {target} ({there})")
    return complaints


def circles(modules: Mapping[str, Module]) -> list[str]:
    """The first circle of imports, if there is one."""
    graph = {name: {target for target, _ in imports_of(m, modules)} - {name} for name, m in modules.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return ["circle: " + " -> ".join(error.args[1])]
    return []


def hidden_imports(module: Module) -> list[str]:
    """Imports inside a function: they hide a circle or a slow start."""
    found = {
        node.lineno
        for function in _functions(module.tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return [f"{module.name}:{line} imports inside a function" for line in sorted(found)]


def commits_below_doors(module: Module) -> list[str]:
    """`.commit()`, `reading()` and `writing()` belong to doors (and to db.py, which offers them).

    Migrations are run by Alembic, on a connection of its own that they must commit.
    """
    if module.room in DOORS | {"migrations"} or module.name == f"{PACKAGE}.db":
        return []
    opened = [f"{module.name}:{line} calls {name}()" for name, line in _calls(module) if name in {"reading", "writing"}]
    return opened + [
        f"{module.name}:{node.lineno} commits"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]


def clocks_below_doors(module: Module) -> list[str]:
    """Only doors ask what time it is, from our clock; everyone else is told, so that a test can tell them too."""
    if module.room in DOORS or module.name == f"{PACKAGE}.clock":
        return []
    imported = {
        alias.asname or alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("clock")
        for alias in node.names
        if alias.name == "now"
    }
    return [
        f"{module.name}:{node.lineno} reads the clock"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _reads_clock(node.func, imported)
    ]


def flask_below_doors(module: Module) -> list[str]:
    """Gates, verbs and queries know nothing of Flask: they must run in a job and in a plain test."""
    if module.room not in {"gates", "services", "queries"}:
        return []
    return [
        f"{module.name}:{node.lineno} imports {name}"
        for node in ast.walk(module.tree)
        for name in _imported_names(node)
        if name.split(".")[0] == "flask" or name.split(".")[0].startswith("flask_")
    ]


def too_long(module: Module) -> list[str]:
    """Files over 300 lines and functions over 40: two things in one place. Written migrations are history."""
    if module.name.startswith(f"{PACKAGE}.migrations.versions"):
        return []
    lines = len(module.text.splitlines())
    complaints = [f"{module.name} has {lines} lines, at most {MAX_FILE_LINES}"] if lines > MAX_FILE_LINES else []
    for function in _functions(module.tree):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > MAX_FUNCTION_LINES:
            complaints.append(
                f"{module.name}:{function.lineno} {function.name}() has {length} lines, at most {MAX_FUNCTION_LINES}"
            )
    return complaints


def imports_of(module: Module, modules: Mapping[str, Module]) -> Iterator[tuple[str, int]]:
    """The package's own modules that this one needs when it runs, each with the line that says so."""
    typing_only = _type_checking_nodes(module.tree)
    for node in ast.walk(module.tree):
        if node in typing_only or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for target in _targets(node, module, modules):
            if target == PACKAGE or target.startswith(PACKAGE + "."):
                yield target, node.lineno


def _targets(node: ast.Import | ast.ImportFrom, module: Module, modules: Mapping[str, Module]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        above = module.name.split(".")
        above = above[: len(above) - node.level + module.is_package]
        base = ".".join([*above, base]) if base else ".".join(above)
    # `from waitlist import db` names the module db, `from waitlist.db import writing` the module waitlist.db.
    return [inner if (inner := f"{base}.{alias.name}") in modules else base for alias in node.names]


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def _type_checking_nodes(tree: ast.Module) -> set[ast.AST]:
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    return {inner for block in blocks for statement in block.body for inner in ast.walk(statement)}


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _calls(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node.lineno


def _reads_clock(function: ast.expr, imported: set[str]) -> bool:
    if isinstance(function, ast.Name):
        return function.id in imported
    if not isinstance(function, ast.Attribute):
        return False
    owner = ast.unparse(function.value).split(".")[-1]
    return (owner, function.attr) in {
        ("clock", "now"),
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("date", "today"),
        ("datetime", "today"),
    }


def _is_sub_package(module: Module) -> bool:
    return module.is_package and module.name.count(".") == 1

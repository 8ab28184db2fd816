"""The folders of the package, and what each of them must not know."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "course_utils"
# From the ground up: a room may import from its own floor's rooms below it, never from above.
FLOORS = (
    ("cells",),
    ("display", "packages", "places", "start"),
    ("device",),
    ("datasets", "ink"),
    ("models",),
    ("training", "parallel"),
    ("microscope",),
    ("figures",),
    ("exercises", "canvas", "explorers", "launch"),
    ("doctor",),
    ("__main__",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
WITHOUT_WIDGETS = ("datasets", "ink", "models", "training", "parallel", "microscope", "figures")
WITHOUT_FIGURES = ("datasets", "ink", "models", "training", "parallel", "microscope")
EXPORTING = ("datasets", "models", "training", "parallel", "microscope", "figures", "canvas")


def modules():
    """Yield the name of each module of the package, by parts, and its syntax tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield parts, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree, *, at_top=False):
    """Return what a module imports, as dotted names; only what runs at its import, if asked."""
    names = set()
    typing_only = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    skipped = {id(inner) for node in typing_only for inner in ast.walk(node)}
    for node in tree.body if at_top else ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom):
            names |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
    return names


def room_of(name):
    parts = name.split(".")
    return parts[1] if parts[0] == "course_utils" and len(parts) > 1 else None


def test_every_room_has_its_floor():
    there = {parts[0] for parts, _ in modules()} - {"__init__"}
    assert there == set(FLOOR)


def test_imports_go_one_way():
    """From a room to one on a lower floor, or to itself."""
    wrong = [
        f"{'.'.join(parts)} imports {name}"
        for parts, tree in modules()
        if parts[0] in FLOOR
        for name in sorted(imported(tree))
        if (room := room_of(name)) in FLOOR and room != parts[0] and FLOOR[room] >= FLOOR[parts[0]]
    ]
    assert wrong == []


def test_no_module_imports_another_in_a_circle():
    tree_of = {".".join(("course_utils", *parts)): tree for parts, tree in modules()}
    arrows = {
        module: {name for name in imported(tree) if name in tree_of and name != module}
        for module, tree in tree_of.items()
    }
    while arrows:
        free = {module for module, others in arrows.items() if not others & arrows.keys()}
        assert free, f"in or above a circle: {sorted(arrows)}"
        arrows = {module: others for module, others in arrows.items() if module not in free}


@pytest.mark.parametrize("room", WITHOUT_WIDGETS)
def test_rooms_below_the_pad_and_the_explorers_know_no_widget(room):
    for parts, tree in modules():
        if parts[0] == room and parts != ("training", "progress"):
            assert not {"ipywidgets", "anywidget"} & imported(tree), parts
    # the bar of a training makes one when it is shown in a notebook, never at its import
    progress = dict(modules())["training", "progress"]
    assert "ipywidgets" not in imported(progress, at_top=True)


@pytest.mark.parametrize("room", WITHOUT_FIGURES)
def test_rooms_below_the_figures_draw_nothing(room):
    for parts, tree in modules():
        if parts[0] == room:
            drawing = {name for name in imported(tree) if name.split(".")[0] == "matplotlib"}
            assert not drawing, parts


def test_nothing_in_the_package_imports_a_lesson_or_a_tool():
    tools = {path.stem for path in (PACKAGE.parent / "tools").glob("*.py")}
    for parts, tree in modules():
        roots = {name.split(".")[0] for name in imported(tree)}
        assert not roots & (tools | {"notebooks", "build_notebooks"}), parts


def lesson_imports():
    """Yield lesson, module and name of whatever the lessons import from the package."""
    for path in sorted((PACKAGE.parent / "notebooks" / "source").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_utils."):
                for name in node.names:
                    yield path.stem, node.module, name.name


def test_lessons_import_what_a_room_exports_from_the_room_itself():
    inside = [
        (lesson, module, name)
        for lesson, module, name in lesson_imports()
        if room_of(module) in EXPORTING and module.count(".") > 1
    ]
    assert inside == []


def test_no_name_crosses_files_with_an_underscore():
    private = [
        f"{'.'.join(parts)}: {name}"
        for parts, tree in modules()
        for name in imported(tree)
        if name.startswith("course_utils.")
        and name.rpartition(".")[2].startswith("_")
        and not name.endswith("__")
    ]
    assert private == []

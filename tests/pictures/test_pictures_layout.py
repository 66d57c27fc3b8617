"""Where things stand: every task has a place, nothing covers anything, and edges end at their boxes."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from pipec.analysis.plan import plan
from pipec.pictures.building import scene_of
from pipec.pictures.elk.engine import NoPictureError
from pipec.pictures.graph import attached
from pipec.pictures.placing import Placed, Rectangle, all_nodes, place
from pipec.pictures.scene import Frame, Node, Scene
from tests.analysis.builders import from_edges, pipeline, task
from tests.pictures.samples import SHIP, layered, read

PROGRAMS = {"ship": SHIP, "hundred": layered(100), "one": 'pipeline p { task a = shell("true") }\n'}


def scene_and_place(name: str) -> tuple[Scene, Placed]:
    drawn, planned = read(PROGRAMS[name])
    scene = scene_of(drawn, planned)
    return scene, place(scene)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def holds(outer: Rectangle, inner: Rectangle) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_task_stands_in_one_node(name: str) -> None:
    drawn, planned = read(PROGRAMS[name])
    shown = [task for node in all_nodes(scene_of(drawn, planned)) for task in node.tasks]
    assert sorted(shown) == sorted(task.id for task in drawn.tasks)


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_box_covers_another(name: str) -> None:
    scene, placed = scene_and_place(name)
    boxes = [placed.rectangles[node.key] for node in all_nodes(scene)]
    assert [pair for pair in combinations(boxes, 2) if overlap(*pair)] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_frames_hold_their_members_and_nothing_else(name: str) -> None:
    scene, placed = scene_and_place(name)

    def inside(members: tuple[Node | Frame, ...]) -> set[str]:
        return {
            key for one in members for key in {one.key} | (inside(one.members) if isinstance(one, Frame) else set())
        }

    def frames(members: tuple[Node | Frame, ...]) -> list[Frame]:
        found = [one for one in members if isinstance(one, Frame)]
        return found + [deeper for one in found for deeper in frames(one.members)]

    for frame in frames(scene.members):
        own = inside(frame.members)
        assert all(holds(placed.rectangles[frame.key], placed.rectangles[key]) for key in own)
        others = {node.key for node in all_nodes(scene)} - own
        assert not any(overlap(placed.rectangles[frame.key], placed.rectangles[key]) for key in others)


@pytest.mark.parametrize("name", PROGRAMS)
def test_edges_run_level_or_upright_from_box_to_box(name: str) -> None:
    scene, placed = scene_and_place(name)
    nodes = {node.key: node for node in all_nodes(scene)}
    for edge in scene.edges:
        route = placed.routes[edge.key]
        source, target = placed.rectangles[edge.source], placed.rectangles[edge.target]
        assert route[0][0] == pytest.approx(source.x + source.width, abs=1.5)
        assert source.y <= route[0][1] <= source.y + source.height
        assert route[-1][0] == pytest.approx(target.x, abs=1.5)
        assert target.y <= route[-1][1] <= target.y + target.height
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(route))
        drawn = attached(route, edge, placed, nodes)
        assert source.x < drawn[0][0] <= route[0][0]
        assert route[-1][0] <= drawn[-1][0] < target.x + target.width


@pytest.mark.parametrize("name", PROGRAMS)
def test_edges_point_to_the_right(name: str) -> None:
    scene, placed = scene_and_place(name)
    for edge in scene.edges:
        source = placed.rectangles[edge.source]
        assert source.x + source.width <= placed.rectangles[edge.target].x


def test_a_place_is_found_again() -> None:
    assert scene_and_place("ship") == scene_and_place("ship")


def test_the_critical_path_runs_through_the_middle_of_its_boxes() -> None:
    scene, placed = scene_and_place("ship")
    for edge in scene.edges:
        if edge.style == "critical":
            for end, point in ((edge.source, placed.routes[edge.key][0]), (edge.target, placed.routes[edge.key][-1])):
                box = placed.rectangles[end]
                assert point[1] == pytest.approx(box.y + box.height / 2, abs=1.5)


def test_instances_between_the_same_tasks_are_drawn_as_one() -> None:
    drawn, planned = read(SHIP)
    (bundle,) = (node for node in all_nodes(scene_of(drawn, planned)) if node.shape == "bundle")
    assert bundle.title == "train"
    assert [chip.label for chip in bundle.chips] == ["0.05, 2", "0.05, 4", "0.1, 2", "0.1, 4", "0.3, 2", "0.3, 4"]
    assert bundle.columns == 2


def test_edges_say_what_they_are() -> None:
    scene = scene_of(*read(SHIP))
    title = {node.key: node.title for node in all_nodes(scene)}
    said = {(title[edge.source], title[edge.target]): (edge.label, edge.style) for edge in scene.edges}
    assert said["good_enough", "release"] == ("yes", "critical")
    assert said["good_enough", "tell"] == ("no", "plain")
    assert said["select", "good_enough"] == ("", "critical")
    assert said["enough", "images"] == ("", "critical")
    assert said["enough", "tabular"] == ("", "plain")
    assert said["fetch", "calibrate"] == ("", "faint")  # it reads the list, and `enough` stands between
    assert said["deploy", "clean_up"] == ("", "hidden")


def test_frames_say_what_they_are() -> None:
    frames = [one for one in scene_of(*read(SHIP)).members if isinstance(one, Frame)]
    assert [(frame.kind, frame.title, frame.note) for frame in frames] == [
        ("map", "map station in fetch.stations", "at most 4 at once"),
        ("group", "features", ""),
        ("finally", "finally", "after all else"),
    ]


def test_tones_follow_the_slack() -> None:
    edges = {"start": [], "long": ["start"], "near": ["start"], "far": ["start"], "short": ["start"]}
    estimates = {"start": 0, "long": 100, "near": 95, "far": 75, "short": 5}
    drawn = from_edges(edges, estimates)
    tones = {node.title: node.tone for node in all_nodes(scene_of(drawn, plan(drawn)))}
    assert tones == {"start": "critical", "long": "critical", "near": "tight", "far": "some", "short": "ample"}


def test_what_is_too_large_is_refused() -> None:
    drawn = from_edges({f"t{number}": [] for number in range(3001)})
    with pytest.raises(NoPictureError, match=r"^3,001 boxes are more than the 3,000 that can be drawn"):
        place(scene_of(drawn, plan(drawn)))


def test_a_pipeline_of_one_task_and_one_of_none() -> None:
    for drawn in (pipeline(task("a")), pipeline()):
        placed = place(scene_of(drawn, plan(drawn)))
        assert len(placed.rectangles) == len(drawn.tasks)

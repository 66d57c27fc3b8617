"""The rules of a cluster, one by one, on pipelines that can be followed by eye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.backends.kubeflow.linting.good_specification import good
from tests.backends.kubeflow.specifications import constant, outer, output, pipeline, status, task
from tests.support.kubeflow_cluster import Outcome, Played, play

N = {"n": "NUMBER_INTEGER"}
TEXT = {"text": "STRING"}
IF_N = "int(inputs.parameter_values['n']) > 1"


class Acting:
    """What containers do: they succeed with the outputs of their path, and fail where named; `inputs` are remembered.

    `failing` gives the paths that fail, with the number of attempts that do so.
    """

    def __init__(
        self, outputs: Mapping[str, Mapping[str, Any]] | None = None, failing: Mapping[str, int] | None = None
    ) -> None:
        self.outputs = outputs or {}
        self.failing = failing or {}
        self.inputs: dict[str, Mapping[str, Any]] = {}

    def __call__(self, path: str, inputs: Mapping[str, Any], attempt: int) -> Outcome:
        self.inputs[path] = inputs
        if attempt <= self.failing.get(path, 0):
            return "failed", None
        return "success", self.outputs.get(path)


Outputs = Mapping[str, Mapping[str, Any]]


def played(specification: Mapping[str, Any], outputs: Outputs | None = None, failing: str = "") -> Played:
    """Play with containers that give outputs by path, or fail at every attempt."""
    return play(specification, Acting(outputs, dict.fromkeys(failing.split(), 99)))


# --- the order of tasks


def test_a_task_runs_after_what_it_depends_on() -> None:
    chain = pipeline(c=task(), a=task(after="b"), b=task(after="c"))
    run = played(chain)
    assert run.attempts == ["c", "b", "a"]
    assert run.states == {"c": "succeeded", "b": "succeeded", "a": "succeeded"}
    assert run.verdict == "succeeded"


def test_data_orders_tasks_without_dependent_tasks() -> None:
    specification = pipeline(a=task(takes=N, n=output("b", "n")), b=task(gives=N))
    del specification["root"]["dag"]["tasks"]["a"]["dependentTasks"]
    assert played(specification, {"b": {"n": 1}}).attempts == ["b", "a"]


def test_what_depends_on_a_failed_task_is_omitted_and_the_rest_runs() -> None:
    run = played(pipeline(a=task(), b=task(after="a"), c=task(after="b"), d=task()), failing="a")
    assert run.states == {"a": "failed", "b": "omitted", "c": "omitted", "d": "succeeded"}
    assert run.verdict == "failed"


def test_tasks_that_wait_for_each_other_are_no_pipeline() -> None:
    with pytest.raises(ValueError, match="wait for what never runs"):
        played(pipeline(a=task(after="b"), b=task(after="a")))


# --- conditions


def test_a_task_whose_condition_is_false_is_skipped_and_what_depends_on_it_omitted() -> None:
    specification = pipeline(
        a=task(gives=N), b=task(takes=N, n=output("a", "n"), when=IF_N), c=task(after="b"), d=task(after="c")
    )
    run = played(specification, {"a": {"n": 1}})
    assert run.states == {"a": "succeeded", "b": "skipped", "c": "omitted", "d": "omitted"}
    assert run.verdict == "succeeded"
    assert set(played(specification, {"a": {"n": 2}}).states.values()) == {"succeeded"}


def test_of_a_skipped_dag_nothing_runs() -> None:
    specification = pipeline(a=task(takes=N, n=constant(1), when=IF_N, inside={"b": task()}))
    run = played(specification)
    assert run.states == {"a": "skipped"}
    assert run.attempts == []


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("inputs.parameter_values['text'] == 'it\\'s' && inputs.parameter_values['yes']", "succeeded"),
        ("inputs.parameter_values['text'] == 'its' || !inputs.parameter_values['yes']", "skipped"),
        ("inputs.parameter_values['n'] == 2.0", "succeeded"),
        ("inputs.parameter_values['nope'] == 2.0", "failed"),
        ("inputs.parameter_values['n']", "failed"),
        ("(((", "failed"),
    ],
)
def test_a_condition_is_evaluated_on_typed_values(condition: str, state: str) -> None:
    takes = {"n": "NUMBER_INTEGER", "text": "STRING", "yes": "BOOLEAN"}
    inputs: dict[str, Any] = {"n": constant(2), "text": constant("it's"), "yes": constant(True)}
    run = played(pipeline(a=task(takes=takes, when=condition, **inputs)))
    assert run.states == {"a": state}
    assert run.verdict == ("failed" if state == "failed" else "succeeded")


def test_the_default_of_a_container_is_not_there_for_its_condition_but_for_its_command() -> None:
    acting = Acting()
    specification = pipeline(
        a=task(takes={"n": "NUMBER_INTEGER=3"}), b=task(takes={"n": "NUMBER_INTEGER=3"}, when=IF_N)
    )
    run = play(specification, acting)
    assert run.states == {"a": "succeeded", "b": "failed"}
    assert acting.inputs == {"a": {"n": 3.0}}


def test_the_default_of_a_dag_is_there_for_its_condition() -> None:
    specification = pipeline(a=task(takes={"n": "NUMBER_INTEGER=3"}, when=IF_N, inside={"b": task()}))
    assert played(specification).states == {"a": "succeeded", "a/b": "succeeded"}


# --- exit tasks


def exit_after(*upstream: str, **more: Any) -> dict[str, Any]:
    return task(after=" ".join(upstream), exit=True, **more)


@pytest.mark.parametrize("failing", ["", "a"])
def test_an_exit_task_runs_after_success_and_failure(failing: str) -> None:
    run = played(pipeline(a=task(), z=exit_after("a")), failing=failing)
    assert run.attempts == ["a", "z"]
    assert run.states == {"a": "failed" if failing else "succeeded", "z": "succeeded"}


def test_an_exit_task_runs_before_what_depends_on_the_same_task() -> None:
    assert played(pipeline(a=task(), b=task(after="a"), z=exit_after("a"))).attempts == ["a", "z", "b"]


def test_an_exit_task_after_two_runs_twice() -> None:
    run = played(pipeline(a=task(), b=task(), z=exit_after("a", "b")))
    assert run.attempts == ["a", "z@a", "b", "z@b"]


def test_after_an_exit_task_that_ran_twice_no_outputs_are_found() -> None:
    specification = pipeline(
        a=task(gives=N), b=task(), c=task(takes=N, n=output("a", "n"), after="b"), z=exit_after("a", "b")
    )
    run = played(specification, {"a": {"n": 1}})
    assert run.states["c"] == "failed"
    assert run.errors == {"c": "two tasks have the same task name"}


def test_of_two_exit_tasks_on_one_task_the_last_of_the_alphabet_runs() -> None:
    run = played(pipeline(a=task(), y=exit_after("a"), z=exit_after("a")))
    assert run.attempts == ["a", "z"]
    assert run.states == {"a": "succeeded", "y": "omitted", "z": "succeeded"}


def test_an_exit_task_does_not_run_after_a_skipped_or_an_omitted_task() -> None:
    specification = pipeline(
        a=task(takes=N, n=constant(1), when=IF_N), b=task(after="a"), y=exit_after("a"), z=exit_after("b")
    )
    assert played(specification).states == {"a": "skipped", "b": "omitted", "y": "omitted", "z": "omitted"}


def test_an_exit_task_does_not_run_after_a_driver_that_failed() -> None:
    run = played(pipeline(a=task(takes=N, n=constant("x")), z=exit_after("a")))
    assert run.states == {"a": "failed", "z": "omitted"}
    assert run.attempts == []


def test_an_exit_task_does_not_run_after_a_loop_or_an_importer() -> None:
    loop = task(takes={"item": "NUMBER_INTEGER"}, over="[1]", inside={"b": task()})
    assert played(pipeline(a=loop, z=exit_after("a"))).states["z"] == "omitted"
    assert played(pipeline(a=task(importer=True), z=exit_after("a"))).states == {"a": "succeeded", "z": "omitted"}


def test_nothing_can_depend_on_an_exit_task() -> None:
    with pytest.raises(ValueError, match=r"never runs: \['b'\]"):
        played(pipeline(a=task(), z=exit_after("a"), b=task(after="z")))


def test_an_exit_task_that_fails_does_not_fail_the_run() -> None:
    run = played(pipeline(a=task(), z=exit_after("a")), failing="z")
    assert run.states == {"a": "succeeded", "z": "failed"}
    assert run.verdict == "succeeded"


def state_given(specification: dict[str, Any], failing: str = "") -> str:
    acting = Acting(failing=dict.fromkeys(failing.split(), 99))
    play(specification, acting)
    return str(acting.inputs["z"]["status"]["state"])


STATUS = {"status": "TASK_FINAL_STATUS"}


def test_an_exit_task_is_given_the_state_in_the_words_of_the_cluster() -> None:
    specification = pipeline(a=task(), z=exit_after("a", takes=STATUS, status=status("a")))
    assert state_given(specification) == "COMPLETE"
    assert state_given(specification, failing="a") == "FAILED"


def test_the_state_of_a_dag_is_that_of_its_tasks() -> None:
    inside = {"b": task(), "c": task(after="b")}
    specification = pipeline(a=task(inside=inside), z=exit_after("a", takes=STATUS, status=status("a")))
    assert state_given(specification) == "COMPLETE"
    assert state_given(specification, failing="a/b") == "FAILED"


def test_a_dag_in_which_a_task_was_omitted_seems_to_run_for_ever() -> None:
    inside = {"b": task(takes=N, n=constant(1), when=IF_N), "c": task(after="b"), "d": task()}
    specification = pipeline(a=task(inside=inside), z=exit_after("a", takes=STATUS, status=status("a")))
    assert state_given(specification) == "RUNNING"


def test_the_status_is_that_of_the_first_dependency_whichever_is_named() -> None:
    specification = pipeline(a=task(), b=task(), z=exit_after("a", "b", takes=STATUS, status=status("b")))
    acting = Acting(failing={"b": 1})
    play(specification, acting)
    assert acting.inputs["z@b"]["status"]["pipelineTaskName"] == "a"


# --- components that are DAGs


def test_a_dag_fails_when_a_task_in_it_failed() -> None:
    run = played(pipeline(a=task(inside={"b": task(), "c": task()}), d=task(after="a")), failing="a/b")
    assert run.states == {"a/b": "failed", "a/c": "succeeded", "a": "failed", "d": "omitted"}
    assert run.verdict == "failed"


def test_a_dag_succeeds_with_skipped_and_omitted_tasks() -> None:
    inside = {"b": task(takes=N, n=constant(1), when=IF_N), "c": task(after="b")}
    run = played(pipeline(a=task(inside=inside), d=task(after="a")))
    assert run.states == {"a/b": "skipped", "a/c": "omitted", "a": "succeeded", "d": "succeeded"}


def test_an_output_is_found_through_dags() -> None:
    innermost = {"c": task(gives=N)}
    inside = {"b": task(gives=N, outputs={"n": "c.n"}, inside=innermost)}
    specification = pipeline(a=task(gives=N, outputs={"n": "b.n"}, inside=inside), d=task(takes=N, n=output("a", "n")))
    acting = Acting({"a/b/c": {"n": 7}})
    play(specification, acting)
    assert acting.inputs["d"] == {"n": 7.0}


def test_an_input_is_found_through_dags() -> None:
    inside = {"b": task(takes=N, n=outer("n"), inside={"c": task(takes=N, n=outer("n"))})}
    acting = Acting()
    play(pipeline(takes=N, a=task(takes=N, n=outer("n"), inside=inside)), acting, {"n": 5})
    assert acting.inputs == {"a/b/c": {"n": 5.0}}


# --- one of several


def branches(first: str, second: str, **more: Any) -> dict[str, Any]:
    inside = {
        "x": task(takes=N, gives=TEXT, n=outer("n"), when=first, **more),
        "y": task(takes=N, gives=TEXT, n=outer("n"), when=second),
    }
    return task(takes=N, n=constant(2), gives=TEXT, outputs={"text": ["x.text", "y.text"]}, inside=inside)


@pytest.mark.parametrize(
    ("first", "second", "given"), [("true", "false", "X"), ("false", "true", "Y"), ("true", "true", "X")]
)
def test_one_of_is_the_first_that_ran(first: str, second: str, given: str) -> None:
    specification = pipeline(a=branches(first, second), b=task(takes=TEXT, text=output("a", "text")))
    acting = Acting({"a/x": {"text": "X"}, "a/y": {"text": "Y"}})
    assert play(specification, acting).verdict == "succeeded"
    assert acting.inputs["b"] == {"text": given}


def test_one_of_none_fails_the_task_that_takes_it() -> None:
    run = played(pipeline(a=branches("false", "false"), b=task(takes=TEXT, text=output("a", "text"))))
    assert run.states == {"a/x": "skipped", "a/y": "skipped", "a": "succeeded", "b": "failed"}
    assert run.errors == {"b": 'processing OneOf: no successful task for the output "text" of "a"'}


def test_a_branch_in_which_a_task_was_omitted_did_not_run_for_one_of() -> None:
    in_branch = {"v": task(gives=TEXT), "w": task(takes=N, n=constant(1), when=IF_N), "o": task(after="w")}
    specification = pipeline(
        a=branches("true", "false", inside=in_branch, outputs={"text": "v.text"}),
        b=task(takes=TEXT, text=output("a", "text")),
    )
    run = played(specification, {"a/x/v": {"text": "X"}})
    assert run.states["a/x"] == "succeeded"
    assert run.states["b"] == "failed"


# --- loops


def loop(**more: Any) -> dict[str, Any]:
    """A loop of one container, which makes a text of each item."""
    inside = {"b": task(takes=N, gives=TEXT, n=outer("item"))}
    return task(
        takes={"item": "NUMBER_INTEGER"}, gives={"texts": "LIST"}, outputs={"texts": "b.text"}, inside=inside
    ) | {"options": {"over": "[1, 2]", "outputs": {"texts": "b.text"}} | more}


TEXTS = {"texts": "LIST"}


def test_a_loop_runs_once_for_each_item_and_its_outputs_are_collected() -> None:
    acting = Acting({"a[0]/b": {"text": "x"}, "a[1]/b": {"text": "y"}})
    run = play(pipeline(a=loop(), c=task(takes=TEXTS, texts=output("a", "texts"))), acting)
    assert run.states == dict.fromkeys(["a[0]/b", "a[0]", "a[1]/b", "a[1]", "a", "c"], "succeeded")
    assert acting.inputs == {"a[0]/b": {"n": 1.0}, "a[1]/b": {"n": 2.0}, "c": {"texts": ["x", "y"]}}


@pytest.mark.parametrize(("limit", "at_once"), [(0, 2), (1, 1), (9, 2)])
def test_a_limit_is_how_many_iterations_run_at_once(limit: int, at_once: int) -> None:
    run = played(pipeline(a=loop(limit=limit)), {"a[0]/b": {"text": ""}, "a[1]/b": {"text": ""}})
    assert run.parallel == {"a": at_once}


def test_a_loop_fails_when_an_iteration_did_and_the_others_run() -> None:
    run = played(pipeline(a=loop(), c=task(after="a")), {"a[1]/b": {"text": ""}}, failing="a[0]/b")
    assert run.states == {
        "a[0]/b": "failed", "a[0]": "failed", "a[1]/b": "succeeded", "a[1]": "succeeded", "a": "failed", "c": "omitted",
    }  # fmt: skip


@pytest.mark.parametrize("given", [[1, 2], "[1, 2]"])
def test_a_loop_runs_over_an_input_which_its_iterations_do_not_see(given: Any) -> None:
    kind = "STRING" if isinstance(given, str) else "LIST"
    inside = {"b": task(takes=N, n=outer("item")), "c": task(takes={"all": kind}, all=outer("all"))}
    over = task(takes={"all": kind, "item": "NUMBER_INTEGER"}, all=constant(given), over="all", inside=inside)
    run = played(pipeline(a=over))
    assert run.states["a[1]/b"] == "succeeded"
    assert run.errors == {
        "a[0]/c": 'the DAG around has no input "all"',
        "a[1]/c": 'the DAG around has no input "all"',
    }


def test_an_item_of_another_type_fails_its_iteration() -> None:
    run = played(pipeline(a=loop(over='[1, "x"]')), {"a[0]/b": {"text": ""}})
    assert run.states == {"a[0]/b": "succeeded", "a[0]": "succeeded", "a[1]": "failed", "a": "failed"}


def test_what_cannot_be_iterated_fails_the_loop() -> None:
    over = task(takes={"all": "STRING", "item": "STRING"}, all=constant("x"), over="all", inside={"b": task()})
    assert played(pipeline(a=over)).errors == {"a": "'x' cannot be iterated"}


def test_an_empty_loop_succeeds_but_nothing_can_be_collected_from_it() -> None:
    specification = pipeline(a=loop(over="[]"), b=task(after="a"), c=task(takes=TEXTS, texts=output("a", "texts")))
    run = played(specification)
    assert run.states == {"a": "succeeded", "b": "succeeded", "c": "failed"}
    assert run.errors == {"c": '"b" is not among the tasks of "a" that ran'}


def test_a_loop_whose_condition_is_false_succeeds_without_iterations() -> None:
    run = played(pipeline(a=loop(when="false"), b=task(after="a")))
    assert run.states == {"a": "succeeded", "b": "succeeded"}


def test_tasks_of_an_iteration_see_the_outputs_of_the_same() -> None:
    inside = {"b": task(takes=N, gives=N, n=outer("item")), "c": task(takes=N, n=output("b", "n"))}
    acting = Acting({"a[0]/b": {"n": 10}, "a[1]/b": {"n": 20}})
    play(pipeline(a=task(takes={"item": "NUMBER_INTEGER"}, over="[1, 2]", inside=inside)), acting)
    assert (acting.inputs["a[0]/c"], acting.inputs["a[1]/c"]) == ({"n": 10.0}, {"n": 20.0})


def test_loops_in_loops_are_collected_in_one_flat_list() -> None:
    inner = loop(over="[1, 2]")
    outer_loop = task(
        takes={"item": "NUMBER_INTEGER"}, gives=TEXTS, over="[1, 2]", outputs={"texts": "i.texts"}, inside={"i": inner}
    )
    acting = Acting({f"a[{x}]/i[{y}]/b": {"text": f"{x}{y}"} for x in (0, 1) for y in (0, 1)})
    play(pipeline(a=outer_loop, c=task(takes=TEXTS, texts=output("a", "texts"))), acting)
    assert acting.inputs["c"] == {"texts": ["00", "01", "10", "11"]}


def test_one_of_cannot_be_the_output_of_a_loop_itself() -> None:
    inside = {"x": task(gives=TEXT)}
    over = task(takes={"item": "NUMBER_INTEGER"}, gives=TEXTS, over="[1]", outputs={"texts": ["x.text"]}, inside=inside)
    run = played(pipeline(a=over, c=task(takes=TEXTS, texts=output("a", "texts"))), {"a[0]/x": {"text": ""}})
    assert run.states["c"] == "failed"
    assert "OneOf" in run.errors["c"]


def test_a_list_cannot_be_collected_where_an_iteration_skipped_its_task() -> None:
    inside = {"b": task(takes=N, gives=TEXT, n=outer("item"), when=IF_N)}
    over = task(
        takes={"item": "NUMBER_INTEGER"}, gives=TEXTS, over="[1, 2]", outputs={"texts": "b.text"}, inside=inside
    )
    run = played(pipeline(a=over, c=task(takes=TEXTS, texts=output("a", "texts"))), {"a[1]/b": {"text": ""}})
    assert run.states["a[0]/b"] == "skipped"
    assert run.errors == {"c": '"b" gave no output "text", and a list needs all'}


# --- values


def test_numbers_are_doubles_on_their_way() -> None:
    acting = Acting()
    specification = pipeline(
        a=task(takes={"n": "NUMBER_INTEGER", "s": "STRUCT"}, n=constant(2**53 + 1), s=constant({"a": [1]}))
    )
    play(specification, acting)
    assert acting.inputs["a"]["n"] == 2**53
    assert isinstance(acting.inputs["a"]["s"]["a"][0], float)


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (0.5, "0.5"), (True, "true"), ([1, "a"], '[1,"a"]'), ({"a": None}, '{"a":null}')]
)
def test_text_takes_anything(value: Any, text: str) -> None:
    acting = Acting()
    play(pipeline(a=task(takes=TEXT, text=constant(value))), acting)
    assert acting.inputs["a"] == {"text": text}


@pytest.mark.parametrize(
    ("wanted", "value", "state"),
    [
        ("NUMBER_INTEGER", 1.5, "succeeded"),  # drivers tell the two kinds of numbers not apart
        ("NUMBER_DOUBLE", 1, "succeeded"),
        ("NUMBER_DOUBLE", "1", "failed"),
        ("NUMBER_INTEGER", True, "failed"),
        ("BOOLEAN", 1, "failed"),
        ("LIST", {}, "failed"),
        ("STRUCT", [], "failed"),
    ],
)
def test_an_input_is_of_its_type(wanted: str, value: Any, state: str) -> None:
    run = played(pipeline(a=task(takes={"x": wanted}, x=constant(value))))
    assert run.states == {"a": state}


@pytest.mark.parametrize(
    ("declared", "value", "state"),
    [
        ("NUMBER_INTEGER", 1, "succeeded"),
        ("NUMBER_INTEGER", 1.5, "failed"),
        ("NUMBER_DOUBLE", 1, "succeeded"),
        ("STRING", 1, "failed"),
        ("STRING", None, "failed"),
        ("BOOLEAN", False, "succeeded"),
        ("LIST", [], "succeeded"),
        ("STRUCT", [], "failed"),
    ],
)
def test_an_output_is_written_in_its_type(declared: str, value: Any, state: str) -> None:
    run = played(pipeline(a=task(gives={"x": declared})), {"a": {"x": value}})
    assert run.states == {"a": state}


def test_the_output_of_a_skipped_task_is_empty_text_and_no_number() -> None:
    inside = {"b": task(takes=N, gives=TEXT | N, n=constant(1), when=IF_N)}
    specification = pipeline(
        a=task(gives=TEXT | N, outputs={"text": "b.text", "n": "b.n"}, inside=inside),
        c=task(takes=TEXT, text=output("a", "text")),
        d=task(takes=N, n=output("a", "n")),
    )
    acting = Acting()
    run = play(specification, acting)
    assert acting.inputs == {"c": {"text": ""}}
    assert run.states["d"] == "failed"


def test_a_part_is_selected_from_an_input() -> None:
    item = outer("item") | {"parameterExpressionSelector": 'parseJson(string_value)["n"]'}
    inside = {"b": task(takes=N, n=item)}
    acting = Acting()
    play(pipeline(a=task(takes={"item": "STRUCT"}, over='[{"n": 3}]', inside=inside)), acting)
    assert acting.inputs == {"a[0]/b": {"n": 3.0}}


def test_parameters_of_the_run_have_defaults_and_types() -> None:
    specification = pipeline(takes={"n": "NUMBER_INTEGER=3"}, a=task(takes=N, n=outer("n")))
    acting = Acting()
    play(specification, acting)
    assert acting.inputs == {"a": {"n": 3.0}}
    with pytest.raises(ValueError, match="'x' is no NUMBER_INTEGER"):
        play(specification, acting, {"n": "x"})
    with pytest.raises(ValueError, match="unknown parameters"):
        play(specification, acting, {"m": 1})
    with pytest.raises(ValueError, match='"n" is missing'):
        play(pipeline(takes=N, a=task()), acting)


def test_an_optional_parameter_that_is_not_given_is_left_to_containers_that_can_do_without() -> None:
    specification = pipeline(
        takes={"n": "NUMBER_INTEGER?"},
        a=task(takes={"n": "NUMBER_INTEGER=4"}, n=outer("n")),
        b=task(takes={"n": "NUMBER_INTEGER?"}, n=outer("n")),
        c=task(takes=N, n=outer("n")),
    )
    acting = Acting()
    run = play(specification, acting)
    assert acting.inputs == {"a": {"n": 4.0}, "b": {}}
    assert run.errors == {"c": 'the input "n" is null'}


def test_an_optional_parameter_that_is_not_given_gets_lost_on_its_way_into_a_dag() -> None:
    inside = {"b": task(takes={"n": "NUMBER_INTEGER?"}, n=outer("n"))}
    specification = pipeline(
        takes={"n": "NUMBER_INTEGER?"}, a=task(takes={"n": "NUMBER_INTEGER?"}, n=outer("n"), inside=inside)
    )
    assert played(specification).errors == {"a/b": 'the DAG around has no input "n"'}


def test_the_outputs_of_the_root_are_those_of_the_run() -> None:
    specification = pipeline(gives=N, outputs={"n": "a.n"}, a=task(gives=N))
    assert played(specification, {"a": {"n": 1}}).outputs == {"n": 1.0}
    assert played(specification, failing="a").outputs == {"n": None}


def test_artifacts_are_handed_on_under_their_names() -> None:
    data = {"artifacts": {"data": {"artifactType": {"schemaTitle": "system.Dataset"}}}}
    specification = pipeline(a=task(), b=task(after="a"), c=task(importer=True))
    specification["components"]["comp-a"]["outputDefinitions"] = data
    specification["components"]["comp-c"]["outputDefinitions"] = data
    specification["components"]["comp-b"]["inputDefinitions"] = {"artifacts": {"x": {}, "y": {}}}
    specification["root"]["dag"]["tasks"]["b"]["inputs"] = {
        "artifacts": {
            "x": {"taskOutputArtifact": {"producerTask": "a", "outputArtifactKey": "data"}},
            "y": {"taskOutputArtifact": {"producerTask": "c", "outputArtifactKey": "data"}},
        }
    }
    acting = Acting({"a": {"data": "s3://b/a"}})
    play(specification, acting)
    assert acting.inputs["b"] == {"x": "s3://b/a", "y": "s3://b/d"}


def test_a_pipeline_with_everything() -> None:
    handler = "exit-handler-1"
    acting = Acting(
        {
            f"{handler}/gen": {"k": 2},
            f"{handler}/split": {"names": [{"name": "x"}, {"name": "y"}]},
            f"{handler}/condition-branches-2/condition-4/use": {"text": "used"},
            f"{handler}/for-loop-3[0]/work": {"text": "X"},
            f"{handler}/for-loop-3[1]/work": {"text": "Y"},
        }
    )
    run = play(good(), acting)
    assert run.errors == {}
    assert {path for path, state in run.states.items() if state != "succeeded"} == {
        f"{handler}/condition-branches-2/alternative"
    }
    assert acting.inputs[f"{handler}/report"] == {"joined": "used", "texts": ["X", "Y"]}
    assert acting.inputs["bye"]["status"]["state"] == "COMPLETE"


# --- retries


def test_a_container_is_run_again_as_often_as_its_policy_says() -> None:
    specification = pipeline(a=task(retries=2))
    run = play(specification, Acting(failing={"a": 2}))
    assert (run.attempts, run.states) == (["a", "a", "a"], {"a": "succeeded"})
    run = play(specification, Acting(failing={"a": 3}))
    assert (run.attempts, run.verdict) == (["a", "a", "a"], "failed")


def test_an_output_that_is_not_written_is_a_failed_attempt() -> None:
    run = play(pipeline(a=task(gives=N, retries=1)), Acting())
    assert (run.attempts, run.states) == (["a", "a"], {"a": "failed"})


def test_a_failed_driver_is_not_run_again() -> None:
    run = play(pipeline(a=task(takes=N, n=constant("x"), retries=2)), Acting())
    assert (run.attempts, run.states) == ([], {"a": "failed"})


def test_the_policy_of_a_dag_is_for_the_tasks_inside_that_have_none() -> None:
    specification = pipeline(a=task(retries=1, inside={"b": task(), "c": task(retries=2)}))
    run = played(specification, failing="a/b a/c")
    assert run.attempts == ["a/b", "a/b", "a/c", "a/c", "a/c"]

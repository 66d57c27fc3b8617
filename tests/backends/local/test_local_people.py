"""Approvals: asked on a terminal, answered from elsewhere or beforehand, or by nobody in time."""

from __future__ import annotations

import getpass
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.backends.local.commands import Finished, finish, pipec, start, until, write
from tests.backends.local.terminal import CTRL_C, CTRL_D, Terminal

pytestmark = pytest.mark.engine

store_module = import_module("pipec.backends.local.store.store")

PIPELINE = """\
pipeline p {
  task fit -> float = shell('echo 0.9 > $PIPEC_OUTPUTS/output')
  approval ship { message = "Ship auc ${fit}?"  OPTIONS }
  task deploy after ship = shell('echo deploy >> ran')
  task beside = shell('BESIDE')
}
"""

USER = getpass.getuser()


def make(folder: Path, options: str = "", beside: str = "true") -> None:
    write(folder, PIPELINE.replace("OPTIONS", options).replace("BESIDE", beside))


def states(folder: Path) -> dict[str, str]:
    """The states of the tasks of the last run."""
    store = store_module.RunStore.open_existing(folder / ".pipec")
    record = store.run(store.resolve("last"))
    store.close()
    return {task.task: task.state for task in record.tasks.values()}


APPROVED = {"fit": "success", "ship": "success", "deploy": "success", "beside": "success"}
REJECTED = {**APPROVED, "ship": "skipped", "deploy": "skipped"}

# --- on a terminal -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "word", "expected"),
    [
        ("y\n", "approved", APPROVED),
        (" YES \n", "approved", APPROVED),
        ("n\n", "rejected", REJECTED),
        ("no\n", "rejected", REJECTED),
    ],
)
def test_a_person_types_an_answer(tmp_path: Path, answer: str, word: str, expected: dict[str, str]) -> None:
    make(tmp_path)
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        terminal.see("asks: Ship auc 0.9?  [y/n]")
        terminal.type(answer)
        terminal.see(f"ship {word} by {USER}")
        assert terminal.finish() == 0
    assert states(tmp_path) == expected


def test_what_is_no_answer_is_asked_again(tmp_path: Path) -> None:
    make(tmp_path)
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        for typed in ("", "maybe", "yy", "\x1b[A"):
            terminal.see("asks: Ship auc 0.9?  [y/n]")
            terminal.type(f"{typed}\n")
        terminal.see("asks: Ship auc 0.9?  [y/n]")
        terminal.type("y")
        terminal.type("es\n")
        assert terminal.finish() == 0
    assert states(tmp_path) == APPROVED


def test_what_was_typed_before_the_question_is_no_answer(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "p.pipe").write_text(
        (tmp_path / "p.pipe").read_text().replace("echo 0.9", "touch began; sleep 0.5; echo 0.9")
    )
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        until(lambda: (tmp_path / "began").exists())
        terminal.type("y\n")
        terminal.see("[y/n]")
        terminal.type("n\n")
        terminal.see("ship rejected")
        assert terminal.finish() == 0
    assert states(tmp_path)["ship"] == "skipped"


def test_questions_are_asked_one_after_the_other(tmp_path: Path) -> None:
    write(
        tmp_path,
        """\
pipeline p {
  approval first
  approval second
  task after_first after first = shell('true')
}
""",
    )
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        terminal.see("approve first?  [y/n]")
        terminal.type("y\nn\n")
        terminal.see("approve second?  [y/n]")
        terminal.see("after_first success")
        terminal.type("n\n")
        terminal.see("second rejected")
        assert terminal.finish() == 0
    assert states(tmp_path) == {"first": "success", "second": "skipped", "after_first": "success"}


def test_the_run_goes_on_while_a_person_thinks(tmp_path: Path) -> None:
    make(tmp_path, beside="until test -e go; do sleep 0.02; done")
    with Terminal(tmp_path, "run", "p.pipe", "--max-parallel=2") as terminal:
        terminal.see("[y/n]")
        (tmp_path / "go").touch()
        terminal.see("beside success")
        assert "tasks done" not in terminal.text[terminal.text.index("[y/n]") :]
        terminal.type("y\n")
        assert terminal.finish() == 0
    assert re.search(r"ship +success +1 +\d", terminal.text)


def test_ctrl_c_takes_the_question_back_and_a_resumed_run_asks_again(tmp_path: Path) -> None:
    make(tmp_path)
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        terminal.see("[y/n]")
        terminal.type(CTRL_C)
        terminal.see("stopping: ending what runs")
        assert terminal.finish() == 130
    assert "Traceback" not in terminal.text
    assert states(tmp_path)["ship"] == "failed"
    with Terminal(tmp_path, "run", "p.pipe", "--resume") as terminal:
        terminal.see("fit success before")
        terminal.see("[y/n]")
        terminal.type("y\n")
        assert terminal.finish() == 0
    assert states(tmp_path) == APPROVED


def test_a_terminal_that_has_no_more_to_say_leaves_the_answer_to_others(tmp_path: Path) -> None:
    make(tmp_path)
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        terminal.see("[y/n]")
        terminal.type(CTRL_D)
        terminal.see("answer by `pipec approve ")
        assert pipec(tmp_path, "approve", "last", "ship").exit_code == 0
        terminal.see("ship approved by")
        assert terminal.finish() == 0
    assert states(tmp_path) == APPROVED


def test_a_run_in_the_background_leaves_the_terminal_to_others(tmp_path: Path) -> None:
    make(tmp_path)
    in_background = ("bash", "-c", 'set -m; "$@" & wait $!', "bash")
    with Terminal(tmp_path, "run", "p.pipe", prefix=in_background) as terminal:
        terminal.see("answer by `pipec approve ")
        assert pipec(tmp_path, "approve", "last", "ship").exit_code == 0
        terminal.see("ship approved by")
        assert terminal.finish() == 0
    assert "[y/n]" not in terminal.text
    assert states(tmp_path) == APPROVED


def test_a_question_on_the_terminal_may_be_answered_elsewhere(tmp_path: Path) -> None:
    make(tmp_path, beside="until test -e go; do sleep 0.02; done")
    with Terminal(tmp_path, "run", "p.pipe", "--max-parallel=2") as terminal:
        terminal.see("[y/n]")
        assert pipec(tmp_path, "reject", "last").exit_code == 0
        terminal.see(f"ship rejected by {USER}")
        terminal.see("3 of 4 tasks done")
        (tmp_path / "go").touch()
        assert terminal.finish() == 0
    assert states(tmp_path) == REJECTED


def test_a_question_nobody_answers_makes_room_for_what_runs(tmp_path: Path) -> None:
    make(tmp_path, options="timeout = 500ms", beside="until test -e go; do sleep 0.02; done")
    with Terminal(tmp_path, "run", "p.pipe", "--max-parallel=2") as terminal:
        terminal.see("[y/n]")
        terminal.see("ship failed")
        terminal.see("3 of 4 tasks done")
        (tmp_path / "go").touch()
        assert terminal.finish() == 1


# --- from elsewhere ------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "expected"), [("approve", APPROVED), ("reject", REJECTED)])
def test_another_process_answers(tmp_path: Path, command: str, expected: dict[str, str]) -> None:
    make(tmp_path)
    process = start(tmp_path, "run", "p.pipe", "--json")
    until(lambda: "ship" in pipec(tmp_path, "approve").out)
    answered = pipec(tmp_path, command, "last", "ship", "--comment", "seen it")
    over = finish(process)
    assert answered.exit_code == 0, answered.err
    assert (over.exit_code, over.states) == (0, expected)
    hint = f"answer by `pipec approve {over.result['run_id']} ship` or `pipec reject …`"
    assert f"ship asks: Ship auc 0.9?  {hint}" in over.said
    assert f"ship {'approved' if command == 'approve' else 'rejected'} by {USER}" in over.said
    late = pipec(tmp_path, command, "last", "ship")
    assert late.exit_code == 2
    assert late.err == f"error: run {over.result['run_id']} waits for no approval\n"


def test_only_approvers_may_answer(tmp_path: Path) -> None:
    make(tmp_path, options='approvers = ["somebody-else"]')
    with Terminal(tmp_path, "run", "p.pipe") as terminal:
        terminal.see("which only somebody-else may")
        refused = pipec(tmp_path, "approve", "last", "ship")
        assert refused.exit_code == 2
        assert f"{USER} may not answer `ship`: its approvers are somebody-else" in refused.err
        terminal.type("y\n")
        store = store_module.RunStore.open_existing(tmp_path / ".pipec")
        store.answer(store.resolve("last"), "ship", True, "somebody-else")
        store.close()
        terminal.see("ship approved by somebody-else")
        assert terminal.finish() == 0
    assert "[y/n]" not in terminal.text


def test_stopped_while_it_waits_for_an_answer(tmp_path: Path) -> None:
    make(tmp_path)
    process = start(tmp_path, "run", "p.pipe", "--json")
    until(lambda: "ship" in pipec(tmp_path, "approve").out)
    process.terminate()
    over = finish(process)
    assert over.exit_code == 130
    assert over.states["ship"] == "failed"
    assert over.result["tasks"]["ship"]["error"] == "cancelled"
    assert over.states["deploy"] == "skipped"


# --- beforehand, or not at all -------------------------------------------------------------------


def run(folder: Path, *words: str) -> Finished:
    return pipec(folder, "run", "p.pipe", "--json", *words)


@pytest.mark.parametrize("word", ["--yes", "--approve=ship"])
def test_an_answer_given_with_the_run(tmp_path: Path, word: str) -> None:
    make(tmp_path, options='approvers = ["somebody-else"]')
    over = run(tmp_path, word)
    assert (over.exit_code, over.states) == (0, APPROVED)
    assert f"ship approved by {USER}" in over.said
    assert not any("asks" in line for line in over.said)


def test_an_answer_to_a_question_that_is_not_asked(tmp_path: Path) -> None:
    make(tmp_path)
    over = run(tmp_path, "--approve=shop")
    assert (over.exit_code, over.err) == (2, "error: --approve: p has no approval `shop`: there is `ship`\n")
    over = run(tmp_path, "--approve=fit")
    assert (over.exit_code, over.err) == (2, "error: --approve: p has no approval `fit`\n")


@pytest.mark.parametrize(
    ("options", "exit_code", "expected"),
    [
        ("timeout = 200ms", 1, {**APPROVED, "ship": "failed", "deploy": "upstream_failed"}),
        ("timeout = 200ms  on_timeout = fail", 1, {**APPROVED, "ship": "failed", "deploy": "upstream_failed"}),
        ("timeout = 200ms  on_timeout = approve", 0, APPROVED),
        ("timeout = 200ms  on_timeout = reject", 0, REJECTED),
    ],
)
def test_nobody_answers(tmp_path: Path, options: str, exit_code: int, expected: dict[str, str]) -> None:
    make(tmp_path, options=options)
    over = run(tmp_path)
    assert (over.exit_code, over.states) == (exit_code, expected)
    if exit_code:
        assert over.result["tasks"]["ship"]["error"] == "nobody answered within 0.2s"
    approved = "ship: nobody answered within 0.2s, which counts as approved"
    assert (approved in over.said) == ("approve" in options)


def test_an_approval_in_a_map_is_answered_item_by_item(tmp_path: Path) -> None:
    write(
        tmp_path,
        """\
pipeline p(sites: list[str] = ["a", "b", "c"]) {
  map site in sites {
    approval ship { message = "Ship to ${site}?" }
    task deploy(site) after ship = shell('echo $site >> ran')
  }
}
""",
    )
    process = start(tmp_path, "run", "p.pipe", "--json", "--approve=ship[0]")
    until(lambda: "ship[2]" in pipec(tmp_path, "approve").out)
    assert pipec(tmp_path, "approve", "last", "ship[2]").exit_code == 0
    assert pipec(tmp_path, "reject", "last", "ship[1]").exit_code == 0
    over = finish(process)
    assert over.exit_code == 0
    instances = over.result["tasks"]["deploy"]["instances"]
    assert [one["state"] for one in instances] == ["success", "skipped", "success"]
    assert sorted((tmp_path / "ran").read_text().split()) == ["a", "c"]

"""Specifications whose chains of tasks share containers do the same as `pipec run`, by the rules of a cluster."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pipec.api import Loaded
from pipec.compilation import check_target, compile_to
from pipec.ir.model import PipelineCall, Program
from pipec.optimisation.fusing import chains
from pipec.optimisation.optimiser import Optimiser
from tests.differential.file_cases import FileCase, in_folder, load_program, run_here
from tests.differential.file_generator import MAIN
from tests.differential.kubeflow_cluster_play import play_on_cluster
from tests.differential.kubeflow_comparison import differing, kubeflow_case, kubeflow_name
from tests.differential.test_differential_kubeflow import VERDICT

SEEDS = range(16)
FOLLOWED = r"\g<0>\n\1task \2_next after \2 = shell('true')"
CHOSEN = {"constant-branches", "redundant-edges", "fuse"}
FOR_LARGE = {"split", "shared-programs"}


def fused(program: Program, key: str, prefix: str = "") -> Iterator[tuple[str, ...]]:
    """The names on Kubeflow of the tasks of every chain, those of called pipelines included."""
    pipeline = program.pipelines[key]
    for chain in chains(pipeline)[0]:
        yield tuple(kubeflow_name(prefix + id) for id in chain.tasks)
    for task in pipeline.tasks:
        if isinstance(task.implementation, PipelineCall):
            yield from fused(program, task.implementation.pipeline, f"{prefix}{task.id}/")


def cases() -> Iterator[FileCase]:
    """Random programs with chains: no task is tried again, and most are followed by one more in the same block."""
    for seed in SEEDS:
        case = kubeflow_case(seed)
        text = re.sub(r"(retry = \{[^}]*\}|retries = \d+|timeout = \w+)", "", case.text)
        text = re.sub(r"^( *)task (\w+)(?=.*(python|shell)\().*\}?$", FOLLOWED, text, flags=re.MULTILINE)
        case = replace(case, text=text)
        loaded = load_program(case.text)
        if loaded is not None and not check_target(loaded, MAIN, "kubeflow").has_errors and fused_in(loaded):
            yield case


def fused_in(loaded: Loaded) -> list[tuple[str, ...]]:
    assert loaded.program is not None
    return list(fused(Optimiser(CHOSEN).program(loaded.program, MAIN), MAIN))


@pytest.mark.engine
@pytest.mark.parametrize("is_large", [False, True], ids=["small", "split and shared"])
def test_chains_do_what_their_tasks_do(is_large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything is too large they also stand in parts, with programs that are written once."""
    if is_large:
        monkeypatch.setattr(importlib.import_module("pipec.backends.kubeflow.splitting"), "LARGEST", 1_400)
        monkeypatch.setattr(importlib.import_module("pipec.backends.kubeflow.sizes"), "LARGEST", 0)
    texts = [played(case, CHOSEN | FOR_LARGE if is_large else CHOSEN) for case in cases()]
    assert len(texts) >= 10
    if is_large:
        assert sum("comp-part-1" in text for text in texts) >= 5
        assert all('"pipec-' in text for text in texts)


def played(case: FileCase, chosen: set[str]) -> str:
    """The specification of a case that ends on a cluster as it does here."""
    with in_folder(case) as (loaded, folder):
        local = run_here(case, loaded, folder)
        [file, *_] = compile_to(loaded, MAIN, "kubeflow", optimiser=Optimiser(chosen))
        remote = play_on_cluster(file.text, case.parameters, folder)
        found = fused_in(loaded)
        within = {id for chain in found for id in chain[:-1]}
        lasts = {chain[-1] for chain in found}
        left = [line for line in differing(loaded, MAIN, local, remote) if not is_expected(line, within, lasts)]
        assert not left, f"{case}\n{remote.log}"
        return file.text


def is_expected(line: str, within: set[str], lasts: set[str]) -> bool:
    """Whether a difference is about a task that stands for others, or is one of a cluster.

    A chain whose first task failed is failed as a whole, where its last task by itself is upstream_failed.
    """
    told = re.match(r"\('([^']+)'", line)
    if told is None:
        return line == VERDICT
    return told[1] in within or (told[1] in lasts and line.endswith("upstream_failed here, failed on Kubeflow"))

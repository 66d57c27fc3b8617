"""The target as the registry knows it, and what its workers cost."""

from __future__ import annotations

from pipec.analysis.feature_names import FEATURES
from pipec.backend import CompileRequest, load_backend
from pipec.ir.model import Program
from tests.support.ir_builder import pipeline

NOT_OFFERED = {
    "image",
    "notebook",
    "sql",
    "option.secrets",
    "option.volumes",
}


def test_every_feature_has_an_answer() -> None:
    capabilities = load_backend("local").capabilities
    assert set(capabilities) == set(FEATURES)
    assert {name for name, capability in capabilities.items() if capability.support == "no"} == NOT_OFFERED


def test_answers_other_than_yes_say_why_and_the_way_out() -> None:
    for capability in load_backend("local").capabilities.values():
        assert (capability.reason == "") == (capability.support == "native")
        assert (capability.way_out != "") == (capability.support == "no")


def test_there_is_nothing_to_compile() -> None:
    program = Program(source="test.pipe", digest="", pipelines={"p": pipeline()}, own=("p",))
    assert load_backend("local").compile(CompileRequest(program, "p")) == ()

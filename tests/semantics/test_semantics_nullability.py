"""Which outputs may be missing when a task runs: by the reader's rule and by where the producer stands."""

from __future__ import annotations

import pytest

from tests.semantics.support import check

PRODUCERS: dict[str, str] = {
    "plain": 'task made -> int = python("m:f")',
    "branch": 'if n > 1 { task made -> int = python("m:f") }',
    "map": 'map x in xs { task made(x) -> int = python("m:f") }',
    "after an approval": 'approval ship  task made -> int after ship = python("m:f")',
    "after a wait": 'wait lots = file("x") { on_timeout = skip }  task made -> int after lots = python("m:f")',
    "one_failed": 'task a  task made -> int after a = python("m:f") { trigger_rule = one_failed }',
    "after a branch": 'if n > 1 { task a }  task made -> int after a = python("m:f")',
}

OPTIONAL: dict[str, dict[str, bool]] = {
    # rule of the reader: for each producer, whether what it reads may be null
    "all_success": dict.fromkeys(PRODUCERS, False),
    "none_failed": {
        "plain": False,
        "branch": True,
        "map": True,
        "after an approval": True,
        "after a wait": True,
        "one_failed": True,
        "after a branch": False,
    },
    "all_done": dict.fromkeys(PRODUCERS, True),
    "one_success": dict.fromkeys(PRODUCERS, True),
    "always": dict.fromkeys(PRODUCERS, True),
}


@pytest.mark.parametrize("producer", PRODUCERS)
@pytest.mark.parametrize("rule", OPTIONAL)
def test_what_a_reader_of_a_rule_may_miss(rule: str, producer: str) -> None:
    path = "max(made[*])" if producer == "map" else "made"  # a list is always there, its elements may be null
    written = f"trigger_rule = {rule}"
    text = f"""pipeline p(n: int, xs: list[int]) {{
      {PRODUCERS[producer]}
      task reader(v = {path}) = python("m:f") {{ {written} }}
    }}"""
    errors = [one.code for one in check(text).diagnostics.sorted() if one.severity == "error"]
    code = "P0207" if producer == "map" else "P0203"
    assert errors == ([code] if OPTIONAL[rule][producer] else [])


@pytest.mark.parametrize(
    ("reader", "is_optional"),
    [
        ('task reader(v = made) = python("m:f")', True),
        ('if n > 2 { task reader(v = made) = python("m:f") }', True),
        ('finally { task reader(v = made) = python("m:f") }', True),
        ('task reader(v = made ?? 0) = python("m:f")', False),
        ('task reader(v = made ?? null) = python("m:f")', False),
        ('task reader(v = made == null) = python("m:f")', False),
        ('task reader(v = n > 3 ? made : 0) = python("m:f")', True),
        ('task reader(v = made ?? other) = python("m:f")', True),
        ("gate reader { require made > 1 }", True),
        ("gate reader { require made == null or (made ?? 0) > 1 }", False),
        ('gate reader { require n > 1 else "${made}" }', True),
        ("if made > 1 { task reader }", True),
        ("task reader = command(['x', made])", True),
        ("task reader(v = made) = takes_null", False),
        ("task reader(v = made) = takes_no_null", True),
    ],
)
def test_ways_to_read_a_task_of_a_branch(reader: str, is_optional: bool) -> None:
    text = f"""component takes_null(v: int?) = python("m:f")
    component takes_no_null(v: int) = python("m:f")
    pipeline p(n: int) {{
      if n > 1 as first {{
        task made -> int = python("m:f")
        task beside(v = made) = python("m:f")
      }} else {{ task other -> int = python("m:f") }}
      {reader}
    }}"""
    codes = [diagnostic.code for diagnostic in check(text).diagnostics.sorted()]
    assert codes == (["P0203"] if is_optional else [])


def test_an_output_declared_optional_may_be_handed_on() -> None:
    text = """pipeline p(o: int?) {
      task made -> int? = python("m:f")
      task reader(v = made, w = o) = python("m:f")
    }"""
    assert check(text).diagnostics.found == []

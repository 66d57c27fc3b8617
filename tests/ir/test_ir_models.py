"""What the compiler makes has the types the models declare, and models are read, written and changed as documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipec.api import load
from pipec.ir.model import CronSchedule, Options, Program, Retry, SecretReference
from pipec.ir.types import INT, ListType, RecordField, RecordType, ScalarType

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("examples", "tests") for path in (ROOT / folder).rglob("*.pipe"))

OPTIONS = Options(retry=Retry(max=2, delay=30), env={"A": "b", "K": SecretReference(name="key")}, tags=("x",))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_compiled_has_the_declared_types(path: Path) -> None:
    """Making a model checks nothing: this does. A value of another type would be refused, or come back as another."""
    program = load(path).program
    if program is not None:
        assert Program.model_validate(program.model_dump()) == program
        assert Program.model_validate_json(program.model_dump_json()) == program


def test_some_files_are_compiled() -> None:
    assert sum(load(path).program is not None for path in FILES) > 4


def test_dump_without_defaults() -> None:
    assert OPTIONS.model_dump(exclude_defaults=True) == {
        "retry": {"max": 2, "delay": 30.0},
        "env": {"A": "b", "K": {"name": "key"}},
        "tags": ("x",),
    }
    assert Retry(max=2).model_dump(exclude={"max", "on"}) == {"delay": 0.0, "backoff": 1.0, "max_delay": None}


def test_dump_as_json() -> None:
    assert (
        Retry(max=1, on=("é",)).model_dump_json(exclude={"delay", "backoff"}) == '{"max":1,"max_delay":null,"on":["é"]}'
    )
    assert ScalarType(name="int").model_dump_json(indent=1) == '{\n "kind": "scalar",\n "name": "int"\n}'


def test_copy_with_other_values() -> None:
    changed = OPTIONS.model_copy(update={"tags": ("y", "z")})
    assert (changed.tags, changed.retry, OPTIONS.tags) == (("y", "z"), OPTIONS.retry, ("x",))
    with pytest.raises(TypeError):
        OPTIONS.model_copy(update={"tag": ()})


def test_types_are_told_apart_by_kind() -> None:
    written = {"kind": "list", "element": {"kind": "record", "fields": [{"name": "n", "type": INT.model_dump()}]}}
    assert ListType.model_validate(written) == ListType(element=RecordType(fields=(RecordField(name="n", type=INT),)))


@pytest.mark.parametrize(
    "document",
    [
        {"expression": "* * * * *", "zone": "UTC"},
        {"timezone": "UTC"},
        {"expression": 5},
        {"kind": "every", "expression": "* * * * *"},
    ],
)
def test_documents_that_are_no_schedule(document: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CronSchedule.model_validate(document)


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(TypeError, match="zone"):
        CronSchedule(expression="* * * * *", zone="UTC")  # type: ignore[call-arg]

"""Tasks in container images, whose programs know nothing of Kubeflow.

Texts of the command that Kubeflow can put together itself stay in it as placeholders; others come from a helper task
before. Inputs, outputs and a working directory need `sh` in the image. A file that the program writes is the text of
an output; texts of other types are read, and requirements checked, by a helper task behind. With helpers the task is a
DAG.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.engine.evaluate import EvaluationError, Scope, text_value
from pipec.frozen import Frozen
from pipec.ir.expressions import (
    Expression,
    FunctionCall,
    Interpolation,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    walk,
)
from pipec.ir.model import ContainerImage, Task
from pipec.ir.types import ARTIFACTS, STR, ScalarType, Type

from .bindings import PLACEHOLDERS, Bindings
from .channels import TEXT, Channel
from .executors import container, python_container
from .nodes import Constant, DagOutput, Given, Node, TaskOutput
from .platform.resources import variables_of
from .plumbing import channel_name
from .setting import Setting
from .texts import for_kubernetes

Values = dict[str, tuple[Expression, Type]]

_SHOWN_ALIKE = ("STRING", "BOOLEAN", "NUMBER_INTEGER")
"""Types of parameters whose values have the same text for Kubeflow as in the language."""

_START = """\
if [ -n "$1" ]; then cd "$1" || exit 1; fi
shift
while [ "$1" != -- ]; do export "$1"; shift; done
shift
"""
_RUN = 'shift\nexec "$@"\n'
_COLLECT = """\
PIPEC_OUTPUTS=$(mktemp -d) || exit 1
export PIPEC_OUTPUTS
run() { shift "$((2 * $1 + 1))"; "$@"; }
run "$@"
status=$?
if [ "$status" -ne 0 ]; then exit "$status"; fi
count=$1
shift
newline='
'
while [ "$count" -gt 0 ]; do
  if [ ! -f "$PIPEC_OUTPUTS/$1" ]; then echo "missing outputs: \\$PIPEC_OUTPUTS/$1 not written" >&2; exit 1; fi
  text=$(cat "$PIPEC_OUTPUTS/$1"; echo .) || exit 1
  text=${text%.}
  printf %s "${text%"$newline"}" > "$2" || exit 1
  shift 2
  count=$((count - 1))
done
"""
"""The script of a container: `FOLDER [NAME=VALUE …] -- COUNT [OUTPUT PATH …] PROGRAM [ARGUMENT …]`."""


@dataclass(eq=False, repr=False, slots=True)
class _Texts:
    """The texts of a command, with the inputs that they need; `computed` are those that a helper gives."""

    bindings: Bindings
    setting: Setting
    variables: Collection[str]
    inputs: dict[str, Given] = field(default_factory=dict)
    computed: dict[str, Expression] = field(default_factory=dict)

    def text(self, expression: Expression) -> str:
        """A text for the container."""
        found = self._simple(expression)
        return self._given_by_helper(expression) if found is None else found

    def whole(self, expression: Expression) -> str:
        """A text that can be written or be one parameter, as the name of an image."""
        known = _known(expression)
        if known is not None:
            return known
        found = self._simple(expression) if _is_open(expression) else None
        return self._given_by_helper(expression, is_shown=False) if found is None else found

    def _simple(self, expression: Expression) -> str | None:
        """The text of what Kubeflow can put together itself; None for all else."""
        known = _known(expression)
        if known is not None:
            return for_kubernetes(known, self.variables)
        match expression:
            case Interpolation(parts=parts):
                texts = [self._simple(part) for part in parts]
                return None if None in texts else "".join(text for text in texts if text is not None)
            case RunReference(field="pipeline"):
                return self.setting.pipeline
            case RunReference(field="id"):
                ((name, placeholder),) = PLACEHOLDERS["id"].items()
                self.inputs[name] = Given(TEXT, Constant(placeholder))
                return _placeholder(name)
            case ParameterReference() | OutputReference() | ItemReference():
                return self._reference(expression)
            case _:
                return None

    def _reference(self, expression: Expression) -> str | None:
        found = self.bindings.find_text(expression) or self.bindings.find(expression)
        name = channel_name(found.source)
        if found.form == "plain" and found.channel.type in _SHOWN_ALIKE:
            self.inputs[name] = Given(found.channel, found.source)
            return _placeholder(name)
        return None

    def _given_by_helper(self, expression: Expression, is_shown: bool = True) -> str:
        name = f"text-{len(self.computed) + 1}"
        self.computed[name] = _for_kubernetes(expression) if is_shown else expression
        return _placeholder(name)


def _known(expression: Expression) -> str | None:
    """The text of what can be computed now."""
    match expression:
        case LiteralValue(value=str(text)):
            return text
    if any(map(_is_open, walk(expression))):
        return None
    try:
        return text_value(expression, Scope())
    except EvaluationError:
        return None


def _is_open(part: Expression) -> bool:
    return isinstance(part, ParameterReference | OutputReference | ItemReference | RunReference)


def _placeholder(name: str) -> str:
    return f"{{{{$.inputs.parameters['{name}']}}}}"


def _for_kubernetes(expression: Expression) -> Expression:
    """The text of a value with every `$` twice, of which Kubernetes leaves one."""
    text = Interpolation(parts=(expression,))
    once, twice = LiteralValue(value="$", type=STR), LiteralValue(value="$$", type=STR)
    return FunctionCall(function="replace", arguments=(text, once, twice))


class ImageTask(Frozen):
    """The container of an image task, with its inputs and outputs; `texts` are to be given by a helper."""

    executor: dict[str, Any]
    inputs: dict[str, Given]
    outputs: dict[str, Channel]
    texts: Values


def image_container(
    task: Task,
    image: ContainerImage,
    bindings: Bindings,
    setting: Setting,
    artifacts: Mapping[str, tuple[Channel, str]],
) -> ImageTask:
    """The container of an image task, whose outputs are texts.

    The texts of some are the content of `artifacts` too: by name what carries each, and the output.
    """
    texts = _Texts(bindings, setting, variables_of(task))
    name = texts.whole(image.image)
    written = [one.name for one in task.outputs]
    wrapped = bool(task.inputs or task.outputs or task.options.working_dir)
    command = [texts.text(part) for part in image.command]
    arguments = [texts.text(part) for part in image.arguments]
    if wrapped:
        given = [f"{one.name}={texts.text(one.value)}" for one in task.inputs]
        paths = [text for one in written for text in (one, f"{{{{$.outputs.parameters['{one}'].output_file}}}}")]
        for artifact, (_, output) in artifacts.items():
            paths += [output, f"{{{{$.outputs.artifacts['{artifact}'].path}}}}"]
        script = for_kubernetes(_START + (_COLLECT if written else _RUN), texts.variables)
        folder = for_kubernetes(task.options.working_dir or "", texts.variables)
        before = ["sh", "-c", script, "pipec", folder, *given, "--", str(len(paths) // 2), *paths]
        command, arguments = before[:3], [*before[3:], *command, *arguments]
    return ImageTask(
        container(name, command, arguments),
        texts.inputs,
        {**dict.fromkeys(written, TEXT), **{artifact: channel for artifact, (channel, _) in artifacts.items()}},
        {name: (expression, STR) for name, expression in texts.computed.items()},
    )


def needs_reading(task: Task, outputs: Mapping[str, Channel]) -> bool:
    """Whether a helper has to read the texts that the program wrote: of other types, checked, or null elsewhere."""
    is_text = all(outputs[one.name] == TEXT and _is_text(one.type) for one in task.outputs)
    return bool(task.requirements) or not is_text


def _is_text(type_: Type) -> bool:
    return isinstance(type_, ScalarType) and (type_.name == "str" or type_.name in ARTIFACTS)


def reader(
    task: Task, run: Node, name: str, bindings: Bindings, setting: Setting, outputs: Mapping[str, Channel]
) -> Node:
    """The helper behind an image task: it has its outputs by their types, and checks its requirements."""
    names = {one.name: f"text-of-{one.name}" for one in task.outputs}
    request: dict[str, Any] = {
        "outputs": {one.name: str(one.type) for one in task.outputs},
        "texts": names,
        "requirements": bindings.requirements(task),
        **bindings.outside(setting, outputs),
    }
    request["channels"] = {**bindings.channels, **dict.fromkeys(names.values(), ("plain", "str"))}
    node = Node(name, run.dag)
    node.executor = python_container(setting.helper_image, "outputs", request, True)
    node.inputs.update(bindings.inputs)
    node.inputs.update({name: Given(TEXT, TaskOutput(run, output)) for output, name in names.items()})
    node.outputs.update(outputs)
    node.after.append(run)
    node.settings["cachingOptions"] = {}
    return node


def give_outwards(outer: Node, inner: Node) -> None:
    """Let a DAG give all parameters that a task in it gives."""
    assert outer.body is not None
    for output, channel in inner.outputs.items():
        if channel.kind == "artifact":
            continue
        outer.body.outputs[output] = DagOutput(channel, (TaskOutput(inner, output),))
        outer.outputs[output] = channel

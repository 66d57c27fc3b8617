"""The settings that hold for a file that is checked: the command line, then the project's, then the defaults."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from dataclasses import replace
from pathlib import Path

from pipec.cli import UsageError
from pipec.cli.terminal import choose_backend, similar
from pipec.settings import DEFAULTS, Settings, read_settings, settings_for


def configure_settings(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("settings", "what stands in [tool.pipec] of the nearest pyproject.toml otherwise")
    group.add_argument("--target", action="append", metavar="T", help="add what this target cannot express; or `all`")
    group.add_argument("--select", action="append", metavar="CODE", help="only warnings whose code begins so")
    group.add_argument("--ignore", action="append", metavar="CODE", help="no warnings whose code begins so")
    group.add_argument("--strict", action=BooleanOptionalAction, default=None, help="warnings fail the check too")
    source = group.add_mutually_exclusive_group()
    source.add_argument("--config", metavar="FILE", help="take the settings of this TOML file for all files")
    source.add_argument("--isolated", action="store_true", help="look at no file of settings")
    group.add_argument("--show-settings", action="store_true", help="show the settings of every file, and stop")


class SettingsChoice:
    """Chooses the settings of files. Raises UsageError where the command line names what there is not."""

    def __init__(self, arguments: Namespace) -> None:
        given = {
            "select": _codes(arguments.select),
            "ignore": _codes(arguments.ignore),
            "targets": _targets(arguments.target),
            "strict": arguments.strict,
        }
        self.given = {name: value for name, value in given.items() if value is not None}
        self.common = DEFAULTS if arguments.isolated else None
        if arguments.config is not None:
            self.common = _configured(arguments.config)

    def __call__(self, file: str) -> Settings:
        """The settings of a file; targets are those to check for, `all` is no longer among them."""
        settings = replace(self.common or settings_for(file), **self.given)
        return replace(settings, targets=_expanded(settings.targets)) if settings.targets else settings


def shown_settings(file: str, settings: Settings) -> str:
    """The settings of a file as people read them, in lines."""
    lines = [f"{file}: settings of {settings.file or 'no file'}"]
    for name, value in (
        ("select", list(settings.select)),
        ("ignore", list(settings.ignore)),
        ("targets", list(settings.targets)),
        ("per-file-ignores", {pattern: list(codes) for pattern, codes in settings.per_file_ignores}),
        ("strict", settings.strict),
        ("python-path", [str(folder) for folder in settings.python_path]),
    ):
        lines.append(f"  {name} = {value}")
    return "\n".join([*lines, ""])


def _configured(file: str) -> Settings:
    settings = read_settings(file)
    if settings is None:
        reason = "it has no table [tool.pipec]" if Path(file).is_file() else "there is no such file"
        raise UsageError(f"no settings in {file}: {reason}")
    return settings


def _codes(given: list[str] | None) -> tuple[str, ...] | None:
    """Beginnings of codes, each in an option of its own or several with commas between them."""
    if given is None:
        return None
    from pipec.diagnostics.catalogue import codes

    wanted = [code.strip() for words in given for code in words.split(",")]
    for code in wanted:
        if not any(name.startswith(code) for name in codes()):
            raise UsageError(f"no code begins with `{code}`{similar(code, codes())}")
    return tuple(wanted)


def _targets(given: list[str] | None) -> tuple[str, ...] | None:
    for name in given or ():
        if name != "all":
            choose_backend(name)
    return None if given is None else tuple(given)


def _expanded(targets: tuple[str, ...]) -> tuple[str, ...]:
    from pipec.backend import target_names

    return tuple(target_names()) if "all" in targets else tuple(dict.fromkeys(targets))

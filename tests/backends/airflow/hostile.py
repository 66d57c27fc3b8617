"""Texts that could break out of where they are written, and a pipeline with a text in every place that takes one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hypothesis import strategies as st

HOSTILE = (
    "it's",
    'say "hi"',
    "both ' and \"",
    "back\\slash \\n \\",
    "two\nlines",
    "ends in a newline\n",
    "\n\n",
    "carriage\r\nreturn\r",
    "tab\tand\vodd\x01",
    "{{ ds }}",
    "{{ nope }} }}",
    "{% raw %}",
    "{% endraw %}{%",
    "{# comment #}{",
    "{{",
    "${HOME} $(date) `id` $HOME !",
    "${#array[@]}",
    "ünïcödé ✓ 日本 🎉 \u2028",
    "python job.py --script run.sh",
    "several\nlines and run.sh",
    "x.bash",
    "%s %(a)s %%",
    "'\"'\"'",
    '"""',
    "'''\"\"\"\\",
    "# no comment",
    "a; rm -rf / && *",
    " padded ",
    "EOF",
)
"""Texts that have broken one generator or another."""

_PIECES = (
    *("'", '"', '"""', "'''", "\\", "\\\\", "\\N{DASH}", "\\u0041", "\\x", "`"),
    *("{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "{{ ds }}", "{{ ''.__class__ }}", "${", "${x}", "$(id)", "$HOME"),
    *("\n", "\r", "\r\n", "\t", "\v", "\f", "\x1b[0m", "\x7f", "\x85", "\u2028", "\ufeff", "\u202e", "é", "日本", "🎉"),
    *(".sh", ".bash", ".md", ".json", "#", "# noqa", ");", "import os", "%s", "%", " ", "\n    return 1\n", "x", "'+'"),
    *("None", "f'{x}'", '""" + exit() + """', "\n\nexit()\n", "EOF", "-", "--", "~", "*", "!", "&&", "</script>"),
)

_MAY_STAND = st.characters(exclude_categories=["Cs"])
"""The language has no lone surrogates."""

TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.one_of(st.sampled_from(_PIECES), _MAY_STAND), min_size=1, max_size=10).map("".join),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.just("\0")), min_size=1, max_size=10).map("".join),
)
"""Any text but the empty one."""

WORDS = TEXTS.map(lambda text: text.replace("\0", "\\0"))
"""Texts that a process can be given: a NUL ends them there."""

LINES = TEXTS.map(lambda text: text.replace("\n", " ").strip()).filter(bool)
"""What one line of a comment holds."""


def texts_of(texts: st.SearchStrategy[str], places: Collection[str]) -> st.SearchStrategy[dict[str, str]]:
    """A text for each of these places of `pipeline_text`; in none one that stands beside it."""
    others = texts.filter(lambda text: text not in _BESIDE)
    drawn = dict.fromkeys(places, others)
    if "tag" in drawn:
        drawn["tag"] = others.map(lambda text: text[:_LONGEST_TAG])
    return st.fixed_dictionaries(drawn)


_BESIDE = ("a", "b", "other one", "]", "}")
_LONGEST_TAG = 100


def quoted(text: str) -> str:
    """A text as a literal of the language."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\$':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


COMMENTED = ("pipeline", "parameter", "group", "task", "gate", "loop", "item", "component")
"""What a comment documents."""

WRITTEN = (
    *("owner", "tag", "task_tag", "default_env", "env", "pool", "queue"),
    *("default", "listed", "value", "json", "choice", "key"),
    *("constant", "in_list", "entry", "entry_key", "around", "after"),
    *("script", "program", "argument", "cause"),
    *("condition", "old", "new", "separator", "variable", "fallback"),
    *("pipeline_message", "task_message", "gate_message"),
    *("channel", "address", "subject", "url", "header", "service", "variable_name"),
    *("display", "task_display", "owner_link", "logger"),
)
"""The places of the strings in `pipeline_text`."""


HARMLESS = {"address": "ml@example.com", "url": "https://example.com/hook"}


def pipeline_text(texts: Mapping[str, str], comments: Mapping[str, str], keys: tuple[str, str] = ("a", "b")) -> str:
    """A pipeline with these texts in their places, in each that is not named its name; `keys` are those of a loop."""
    t = {name: quoted(texts.get(name, HARMLESS.get(name, name))) for name in WRITTEN}
    link = quoted("https://example.com/" + texts.get("owner_link", ""))
    doc = {name: comments.get(name, name) for name in COMMENTED}
    woven = quoted(texts.get("around", "around"))[:-1] + "${text}" + quoted(texts.get("after", "after"))[1:]
    return f"""\
## {doc["component"]}
component same(value: str) -> str = python("steps:same")

## {doc["pipeline"]}
pipeline hostile(
  text: str = {t["default"]},  ## {doc["parameter"]}
  list: list[str] = [{t["listed"]}, "b"],
  table: dict[str, str] = {{ {t["key"]}: {t["value"]} }},
  document: json = {{ a: [{t["json"]}], {t["key"]}: null }},
  choice: {t["choice"]} | "other one" = {t["choice"]},
) {{
  owner = {t["owner"]}
  tags = [{t["tag"]}]
  defaults = {{ env: {{ FROM_DEFAULTS: {t["default_env"]} }} }}
  require text != "no such text" else {t["pipeline_message"]}
  on failure = [
    slack({t["channel"]}),
    email({t["address"]}, subject = {t["subject"]}),
    webhook({t["url"]}, headers = {{ note: {t["header"]}, token: secret({t["variable_name"]}) }}),
    pagerduty({t["service"]}),
  ]
  target airflow {{ dag_display_name = {t["display"]}  owner_links = {{ ml: {link} }} }}

  ## {doc["group"]}
  group strings {{
    ## {doc["task"]}
    task constant(value = {t["constant"]}) -> str = python("steps:with_env") {{
      env = {{ GIVEN: {t["env"]} }}
      tags = [{t["task_tag"]}]
      pool = {t["pool"]}
      queue = {t["queue"]}
      retry = {{ max: 1, on: [{t["cause"]}] }}
      require output != "no such text" else {t["task_message"]}
      on retry = slack({t["channel"]})
      target airflow {{ task_display_name = {t["task_display"]}  logger_name = {t["logger"]} }}
    }}
    task composite(value = {{ a: [{t["in_list"]}], {t["entry_key"]}: {t["entry"]} }}) -> json = python("steps:same")
    task around(value = {woven}) -> str = python("steps:same")
    task documented(value = {t["constant"]}) = same
    task given(text, list, table, document, choice) -> json = python("steps:all_of")
    task chosen(choice) -> {{
      plain: {t["choice"]} | "other one", listed: list[{t["choice"]} | "]"], maybe: ({t["choice"]} | "}}")?, more: int
    }} = python("steps:choices")
  }}
  task environment -> str = shell('printf "%s\\n" "$GIVEN" > "$PIPEC_OUTPUTS/output"') {{
    env = {{ GIVEN: {t["env"]} }}
  }}
  task script = shell({t["script"]})
  task scripted(text) = shell({t["script"]})
  task program -> str = command(["sh", "-c", {t["program"]}, "sh", {t["argument"]}, {woven}])
  ## {doc["gate"]}
  gate checked {{ require text != "no such text" else {t["gate_message"]} }}
  task computed(
    replaced = replace(text, {t["old"]}, {t["new"]}),
    first = split(text, {t["separator"]})[0],
    joined = join(list, {t["separator"]}),
    variable = env({t["variable"]}, {t["fallback"]}),
    same = text == {t["condition"]},
  ) -> json = python("steps:all_of")
  if text == {t["condition"]} {{
    task same_text = python("steps:nothing")
  }}
  ## {doc["loop"]}
  for key in [{quoted(keys[0])}, {quoted(keys[1])}] {{
    task looped(key) -> str = python("steps:same")
  }}
  map item in list {{
    ## {doc["item"]}
    task mapped(value = item, more = {t["constant"]}) -> json = python("steps:all_of")
  }}
}}
"""


STEPS = '''"""What the tasks of `pipeline_text` do."""
import os


def same(**given):
    (value,) = given.values()
    return value


def with_env(value):
    return value + os.environ["GIVEN"] + os.environ["FROM_DEFAULTS"]


def all_of(**given):
    return given


def choices(choice):
    return {"plain": choice, "listed": [choice, "]"], "maybe": choice, "more": 1}


def nothing():
    pass
'''

"""The rules about single tasks: what they find, and what comes near and is none of their business."""

from __future__ import annotations

import pytest

from tests.analysis.lints.linting import body, found, lints, scheduled

FOUND: list[tuple[str, str, list[str] | None]] = [
    # L101: no retries on what talks to the outside
    ("L101", body("task a = shell('curl --fail https://example.com/x > x')"), ["2 a"]),
    ("L101", body("task a = shell('''\n  set -e\n  cd data && aws s3 cp raw s3://lake/raw\n''')"), ["2 a"]),
    ("L101", body("task a = shell('for x in 1 2; do wget -q example.com/$x; done')"), ["2 a"]),
    ("L101", body("task a = shell('cat x | gsutil cp - gs://lake/x')"), ["2 a"]),
    ("L101", body("task a = shell('KUBECONFIG=k kubectl apply -f job.yaml')"), ["2 a"]),
    ("L101", body('task a = command(["/usr/bin/curl", "https://example.com"])'), ["2 a"]),
    ("L101", body("task a = sql('select 1', conn = \"warehouse\")"), ["2 a"]),
    ("L101", body('for x in ["a", "b"] {\n  task a(x) = shell(\'curl "$x"\')\n}'), ["3 a"]),
    ("L101", "component fetch = shell('curl example.com')\npipeline p {\n  task a = fetch\n}", ["3 a"]),
    # L102: retries at once
    ("L102", body("task a = shell('curl example.com') { retries = 3 }"), ["2 retries"]),
    ("L102", body("task a = sql('select 1', conn = \"w\") { retry = { max: 1 } }"), ["2 retry"]),
    # L103: endless waits
    ("L103", body('wait a = file("inbox/*")'), ["2 a"]),
    ("L103", body('wait a = message("orders") { poll = 30s }'), ["2 a"]),
    ("L103", body('approval a { message = "Ship?" }'), ["2 a"]),
    # L104: endless work
    ("L104", body("task a = shell('train') { estimate = 1h }"), ["2 a"]),
    ("L104", body("task a = shell('train') { resources = { gpu: 1 } }"), ["2 a"]),
    ("L104", body("task a = shell('train') { resources = { cpu: 4, limits: { gpu: 2 } } }"), ["2 a"]),
    # L105: timeouts below estimates
    ("L105", body("task a = shell('x') { estimate = 30m  timeout = 10m }"), ["2 timeout"]),
    ("L105", body("defaults = { timeout: 10m }\ntask a = shell('x') { estimate = 30m }"), ["2 timeout"]),
    ("L105", body("approval a { timeout = 1h  estimate = 1d }"), ["2 timeout"]),
    # L106: waits that look once
    ("L106", body('wait a = file("x") { poll = 1h  timeout = 30m }'), ["2 poll"]),
    ("L106", body('wait a = file("x") { timeout = 60s }'), ["2 timeout"]),
    # L110: dates
    ("L110", scheduled('task a(day = 2026-01-31) = python("s:f")'), ["2 day = 2026-01-31"]),
    ("L110", scheduled('task a(DATE = "2026-01-31") = python("s:f")'), ['2 DATE = "2026-01-31"']),
    ("L110", scheduled('task a(day) = python("s:f")', "pipeline p(day: date = 2026-01-31)"), ["1 day"]),
    ("L110", scheduled('task a(source = "s3://lake/dt=2026-01-31/x") = python("s:f")'), None),
    ("L110", scheduled('task a(source = "s3://lake/2026/01/31/x") = python("s:f")'), None),
    ("L110", scheduled('task a(source = "/data/lots_20260131.csv") = python("s:f")'), None),
    ("L110", scheduled("task a = shell('python x.py --date 2026-01-31')"), None),
    ("L110", scheduled('wait a = file("/data/2026-01-31/*.csv") { timeout = 1h }'), None),
    # L111: homes
    ("L111", body("task a = shell('python /home/anna/train.py')"), None),
    ("L111", body('task a(data = "/Users/anna/data.csv") = python("s:f")'), None),
    ("L111", body('task a(data = "file:///home/anna/data.csv") = python("s:f")'), None),
    ("L111", body("task a = shell('x') { working_dir = \"C:\\\\Users\\\\anna\" }"), ["2 working_dir"]),
    # L112: absolute paths
    ("L112", body("task a = shell('cat /data/lots.csv')"), None),
    ("L112", body('wait a = file("/data/${run.date}/*.csv") { timeout = 1h }'), None),
    ("L112", body('task a(data = "/data/lots.csv") = python("s:f")'), None),
    # L113: places that do not vary
    ("L113", scheduled('task a(target = "s3://lake/x.parquet") = python("s:f")'), ['2 target = "s3://lake/x.parquet"']),
    ("L113", scheduled('task a(output_path = "/data/x.csv") = python("s:f")'), ['2 output_path = "/data/x.csv"']),
    ("L113", scheduled('task a(save_to = "./x.csv") = python("s:f")'), ['2 save_to = "./x.csv"']),
    # L114: secrets
    ("L114", body("task a = shell('x') { env = { DB_PASSWORD: \"hunter2\" } }"), ["2 env"]),
    ("L114", body('task a(api_key = "abc123") = python("s:f")'), ['2 api_key = "abc123"']),
    ("L114", body('task a(token) = python("s:f")', 'pipeline p(token: str = "abc123")'), ["1 token"]),
    ("L114", body('task a(x = "AKIAABCDEFGHIJKLMNOP") = python("s:f")'), None),
    ("L114", body('task a(token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789") = python("s:f")'), None),
    ("L114", body("task a = shell('psql postgres://anna:hunter2@db/x') { retries = 0 }"), None),
    ("L114", body("task a = shell('login --password hunter2')"), None),
    ("L114", body("task a = shell('x')\non failure = webhook(\"https://hooks.slack.com/services/T0A/B0B/abc\")"), None),
    (
        "L114",
        body('task a = shell(\'x\')\non failure = webhook("https://x.io", headers = { Authorization: "Bearer x" })'),
        None,
    ),
    # L115: placeholders of other languages
    ("L115", body("task a = shell('python load.py --day {{ ds }}')"), None),
    ("L115", body("task a = shell('python load.py {{params.size}}')"), None),
    ("L115", body("task a = sql('select 1 from x where d = {{ macros.ds_add(ds, 1) }}', conn = \"w\")"), None),
    ("L115", body('task a(path = "s3://lake/{{ data_interval_start }}/x") = python("s:f")'), None),
    ("L115", body('task a = command(["x", "{{inputs.parameters.day}}"])'), None),
    (
        "L115",
        body('task a(path = "data/{day}.csv") = shell(\'cat "$path"\')', "pipeline p(day: date = run.date)"),
        None,
    ),
    ("L115", body("task a(day = run.date) = shell('cat data/{day}.csv')"), None),
    # L120: a GPU for a check
    ("L120", body("task check_rows = shell('x') { estimate = 1m  resources = { gpu: 1 } }"), ["2 resources"]),
    ("L120", body("task report = shell('x') { estimate = 5m  resources = { limits: { gpu: 1 } } }"), ["2 resources"]),
    # L121, L122: sizes
    ("L121", body("task a = shell('x') { estimate = 4s }"), ["2 estimate"]),
    ("L122", body("task a = shell('x') { estimate = 13h  timeout = 20h }"), ["2 estimate"]),
]
"""The code, a file, and what the rule points at; None where once, and what is of no interest."""

QUIET: list[tuple[str, str]] = [
    ("L101", body("task a = shell('curl example.com') { retries = 2 }")),
    ("L101", body("task a = shell('curl example.com') { retries = 0 }")),
    ("L101", body("defaults = { retries: 1 }\ntask a = shell('curl example.com')")),
    ("L101", body("task a = shell('curl --retry 3 example.com')")),
    ("L101", body("task a = shell('until curl -f example.com; do sleep 5; done')")),
    ("L101", body("task a = shell('echo curl example.com')")),
    ("L101", body("task a = shell('''\n# curl example.com\npython x.py\n''')")),
    ("L101", body("task a = shell('python curl_all.py; ./aws.sh; bazel test')")),
    ("L101", body("task a = shell('curly brackets')")),
    ("L101", body('task a = python("curl:wget")')),
    ("L101", body('task a = command(["python", "curl"])')),
    ("L101", body('task a = image("curlimages/curl:8.1.0")')),
    ("L102", body("task a = shell('curl example.com') { retry = { max: 3, delay: 10s } }")),
    ("L102", body("task a = shell('curl example.com') { retries = 0 }")),
    ("L102", body("task a = shell('python x.py') { retries = 3 }")),
    ("L103", body('wait a = file("inbox/*") { timeout = 1h }')),
    ("L103", body("wait a = until(run.timestamp + 2h)")),
    ("L103", body("task a = shell('x')")),
    ("L104", body("task a = shell('x') { estimate = 59m }")),
    ("L104", body("task a = shell('x') { estimate = 3h  timeout = 6h }")),
    ("L104", body("task a = shell('x') { estimate = 5m  resources = { gpu: 1 } }")),
    ("L104", body("task a = shell('x') { resources = { gpu: 0 } }")),
    ("L104", body("approval a { estimate = 1d  timeout = 2d }")),
    ("L105", body("task a = shell('x') { estimate = 10m  timeout = 10m }")),
    ("L105", body("task a = shell('x') { estimate = { min: 1m, likely: 9m, max: 1h }  timeout = 10m }")),
    ("L106", body('wait a = file("x") { poll = 1m  timeout = 30m }')),
    ("L106", body('wait a = file("x") { poll = 1h }')),
    ("L110", body('task a(day = 2026-01-31) = python("s:f")')),
    ("L110", scheduled('task a(day = run.date) = python("s:f")')),
    ("L110", scheduled('task a(since = 2020-01-01) = python("s:f")')),
    ("L110", scheduled('task a(day = "monday") = python("s:f")')),
    ("L110", scheduled('const first = 2020-01-01\ntask a(day = first) = python("s:f")')),
    ("L110", scheduled('const golden = "s3://ref/2020-01-01/x"\ntask a(path = golden) = python("s:f")')),
    ("L110", scheduled('task a(source = "s3://lake/${run.date}/x") = python("s:f")')),
    ("L110", scheduled('task a(text = "as of 2026-01-31") = python("s:f")')),
    ("L110", scheduled('task a(x = "s3://lake/2026013112345/x") = python("s:f")')),
    ("L110", scheduled('task a(day) = python("s:f")', "pipeline p(day: date = run.date)")),
    ("L111", body("task a = shell('python train.py')")),
    ("L111", body('task a(url = "https://example.com/home/anna/x") = python("s:f")')),
    ("L111", body('task a = image("x:1", args = ["/home/jovyan/x.py"])')),
    ("L111", body('task a(data) = python("s:f")', 'pipeline p(data: str = "/home/anna/x")')),
    ("L112", body("task a = shell('/usr/bin/python x.py > /dev/null')")),
    ("L112", body("task a = shell('cat data/lots.csv \"$data/x\"')")),
    ("L112", body('task a(url = "https://example.com/data") = python("s:f")')),
    ("L112", body('task a(data = "${run.id}/data/x") = python("s:f")')),
    ("L112", body('task a(ratio = "a / b") = python("s:f")')),
    ("L112", body('task a(data) = python("s:f")', 'pipeline p(data: str = "/data/x")')),
    ("L112", 'const data = "/data/x"\n' + body('task a(data) = python("s:f")')),
    ("L113", body('task a(target = "s3://lake/x.parquet") = python("s:f")')),
    ("L113", scheduled('task a(target = "s3://lake/${run.date}/x.parquet") = python("s:f")')),
    ("L113", scheduled('task a(target = "s3://lake/latest/x.parquet") = python("s:f")')),
    ("L113", scheduled('task a(target = "price") = python("s:f")')),
    ("L113", scheduled('task a(source = "s3://lake/x.parquet") = python("s:f")')),
    ("L113", scheduled('task a(target = "https://example.com/hook") = python("s:f")')),
    ("L113", scheduled('task a(target) = python("s:f")', 'pipeline p(target: str = "s3://lake/x")')),
    ("L114", body("task a = shell('x') { env = { DB_PASSWORD: secret(\"db\") } }")),
    ("L114", body("task a = shell('x') { secrets = { DB_PASSWORD: secret(\"db\") } }")),
    ("L114", body('task a = shell(\'x\') { env = { PASSWORD_FILE: "db", TOKEN_URL: "https://x.com" } }')),
    ("L114", body('task a(pad_token = "pad", max_tokens = 5, tokenizer = "bpe") = python("s:f")')),
    ("L114", body('task a(password = env("DB_PASSWORD")) = python("s:f")')),
    ("L114", body('task a(password = "", key = "user_id", sort_key = "day") = python("s:f")')),
    ("L114", body('task a(secret = "arn:aws:secretsmanager:eu:1:secret:x") = python("s:f")')),
    ("L114", body('task a(x = "AKIAIOSFODNN7EXAMPLE", y = "AKIA") = python("s:f")')),
    ("L114", body('task a(x = "https://example.com:8080/a@b", y = "s3://bucket/key") = python("s:f")')),
    ("L114", body("task a = shell('login --password \"$PASSWORD\" --password-file x --token=$TOKEN')")),
    ("L114", body("task a = shell('psql \"postgres://anna:$PASSWORD@db/x\"') { retries = 0 }")),
    ("L114", body('task a = shell(\'x\')\non failure = webhook(secret("hook"), headers = { "X-Team": "ml" })')),
    ("L115", body("task a(day = run.date) = shell('cat data/${day}.csv')")),
    ("L115", body("task a = shell('docker ps --format \"{{.ID}}\"')")),
    ("L115", body("task a(day = run.date) = shell('jq \"{day}\" x.json')")),
    ("L115", body("task a = shell('mv x.{csv,txt} data/{day}')")),
    ("L115", body('task a(path = "data/{day}.csv", day) = python("s:f")', "pipeline p(day: date = run.date)")),
    ("L115", body('task a(path = "data/${day}.csv") = python("s:f")', "pipeline p(day: date = run.date)")),
    ("L120", body("task check_rows = shell('x') { estimate = 1m  resources = { gpu: 0 } }")),
    ("L120", body("task validate_model = shell('x') { estimate = 20m  resources = { gpu: 1 } }")),
    ("L120", body("task validate_model = shell('x') { resources = { gpu: 1 }  timeout = 1h }")),
    ("L120", body("task train = shell('x') { estimate = 1m  resources = { gpu: 1 } }")),
    ("L120", body("task checkpoint = shell('x') { estimate = 1m  resources = { gpu: 1 } }")),
    ("L121", body("task a = shell('x') { estimate = 5s }")),
    ("L121", body("gate a { estimate = 1s  require 1 < 2 }")),
    ("L122", body("task a = shell('x') { estimate = 12h  timeout = 20h }")),
    ("L122", body("approval a { estimate = 1d  timeout = 2d }")),
]


@pytest.mark.parametrize(("code", "text", "places"), FOUND)
def test_what_is_found(code: str, text: str, places: list[str] | None) -> None:
    if places is None:
        assert len(found(text, code)) == 1
    else:
        assert found(text, code) == places


@pytest.mark.parametrize(("code", "text"), QUIET)
def test_near_misses(code: str, text: str) -> None:
    assert found(text, code) == []


def test_no_message_holds_the_secret() -> None:
    text = body('task a(api_key = "abc123xyz", x = "AKIAABCDEFGHIJKLMNOP") = python("s:f")')
    said = [part for one in lints(text) for part in (one.message, *one.notes, one.help or "")]
    assert said
    assert not [part for part in said if "abc123xyz" in part or "AKIA" in part]


def test_instances_of_a_loop_are_reported_once() -> None:
    text = body("for x in [1, 2, 3] {\n  task a(x) = shell('curl example.com') { estimate = 2s }\n}")
    assert [one.code for one in lints(text)] == ["L101", "L121"]

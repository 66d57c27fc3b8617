"""Good files with much of the language in them: what the properties shuffle, rename and break."""

from __future__ import annotations

TRAINING = """
## Fit one model and report its AUC on the hold-out set.
component train(data: dataset, algorithm: "rf" | "gbm" | "logreg") -> { model: model, auc: float }
  = python("wafer.steps:train") {
  retries = 1
  require auc > 0.5 else "worse than chance"
}
"""

WAFER_YIELD = """import "lib/training.pipe" as training

## Retrain the wafer-yield model every night and ship it if it is good enough.
pipeline wafer_yield(min_auc: float = 0.88, day: date = run.date) -> { version: str? } {
  schedule = cron("0 2 * * *", timezone = "Europe/Berlin")
  start    = 2026-01-01
  deadline = 4h
  owner    = "ml-team"
  tags     = ["ml", "training"]
  image    = "registry.example.com/wafer:1.5.0"
  defaults = { timeout: 1h, retry: { max: 2, delay: 30s, backoff: 2, max_delay: 10m } }

  const algorithms = ["rf", "gbm", "logreg"]

  wait new_lots = file("/data/incoming/${day}/*.stdf") { poll = 60s  timeout = 1h }

  task extract(day) -> { path: dataset, rows: int } after new_lots = python("wafer.steps:extract") {
    estimate = 12m
  }

  gate quality {
    require extract.rows >= 1_000 else "only ${extract.rows} rows"
  }

  for algorithm in algorithms {                        # unrolled by the compiler
    task train(data = extract.path, algorithm) after quality = training.train {
      resources = { cpu: 8, memory: 32Gi, gpu: algorithm == "gbm" ? 1 : 0 }
      timeout   = 4h
    }
  }

  task select(models = train[*].model, aucs = train[*].auc) -> { best: model, auc: float }
    = python("wafer.steps:select")

  if select.auc >= min_auc as good_enough {
    approval ship { message = "Deploy ${select.best} (auc ${select.auc})?"  timeout = 12h }
    task deploy(model = select.best) -> { version: str } after ship = python("wafer.steps:deploy")
  } else {
    task alert(auc = select.auc) = shell('notify-send "auc only $auc"')
  }

  task report(version = deploy.version ?? "unchanged") = python("wafer.steps:report")

  finally {
    task cleanup(id = run.id) = shell('rm -rf "/scratch/$id"')
  }

  on failure, deadline = [slack("#ml-alerts"), email("ml@example.com")]
  target airflow { pool = "wafer" }
  return { version: deploy.version }
}

test "a weak model is not deployed" for wafer_yield {
  given extract.rows = 50_000
  given select.auc   = 0.70
  given train["gbm"] is failed
  expect ship, deploy is skipped
  expect alert, report is success
}
"""

REGIONS = """language 1
type Mode = "dev" | "prod"
const mode: Mode = "dev"
const rates = [0.1, 0.5]

component fit(rate: float, rows: int = 100) -> float = shell('fit $rate $rows') { env = { TOKEN: secret("token") } }

pipeline regions(lots: list[str], limit: int = 3, since: date = run.date) {
  require limit > 0 else "limit is ${limit}"
  task find(lots, since = since - 1d) -> list[str] = python("steps:find")
  map lot in find {
    max_parallel = 4
    task score(lot, upper = upper(lot)) -> { value: float, note: str? } = python("steps:score")
    task keep(value = score.value) = command(["keep", lot, score.value])
  }
  task mean(values = score[*].value) -> float = python("steps:mean")
  for rate in rates, fold in [1, 2] {
    task grid(rate, rows = fold * 10) after mean = fit
  }
  for name in ["a", "b"] {
    const label = "model ${name}"
    if mode == "prod" { task push(label) = shell('push "$label"') }
    group inner { task check_it(label) after push = shell('check') { retries = 2 } }
  }
  if mean > 0.5 as good {
    if len(lots) > limit as many { task big } else { task small }
    task either after big, small
  } else if mean > 0.1 {
    task poor = shell('poor')
  }
  task picked(best = grid[0.1, 2] ?? 0.0, all = grid[*], row = grid[0.5][*]) after either, poor = python("steps:pick") {
    trigger_rule = none_failed
    timeout      = 5m
    on retry     = webhook("https://example.com")
  }
  task done after picked, check_it { trigger_rule = all_done }
  order find -> [mean] -> done
  finally { task clean(n = mean ?? 0.0) = image("tool:1", args = ["--n=${mean ?? 0.0}"]) }
}
"""

FILES = {"lib/training.pipe": TRAINING}

SAMPLES: dict[str, str] = {"wafer_yield": WAFER_YIELD, "regions": REGIONS, "training": TRAINING}

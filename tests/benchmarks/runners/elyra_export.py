"""Elyra's way from a pipeline to a DAG file for Airflow; arguments are the two files.

`elyra-pipeline` only submits; this calls what it calls, without the upload to an object store.
"""

from __future__ import annotations

import asyncio
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

RUNTIME = "local"
"""The name of the configuration of the runtime."""

CONFIGURATION = {
    "api_endpoint": "http://localhost:8080",
    "cos_auth_type": "USER_CREDENTIALS",
    "cos_bucket": "bucket",
    "cos_endpoint": "http://localhost:9000",
    "cos_password": "nothing-secret",
    "cos_username": "nobody",
    "display_name": RUNTIME,
    "git_type": "GITHUB",
    "github_api_endpoint": "https://api.github.com",
    "github_branch": "main",
    "github_repo": "nobody/nothing",
    "github_repo_token": "nothing-secret",
    "runtime_type": "APACHE_AIRFLOW",
    "user_namespace": "default",
}


def nothing(*_: Any, **__: Any) -> None:
    """In place of what would reach out."""


def main() -> None:
    source, target = sys.argv[1:]
    paths: Any = import_module("jupyter_core.paths")
    Path(paths.jupyter_runtime_dir()).mkdir(parents=True, exist_ok=True)  # Elyra watches it
    runtimes: Any = import_module("elyra.metadata.manager").MetadataManager(schemaspace="runtimes")
    instance = import_module("elyra.metadata.metadata").Metadata(
        name=RUNTIME, display_name=RUNTIME, schema_name="airflow", metadata=CONFIGURATION
    )
    if not any(found.name == RUNTIME for found in runtimes.get_all()):
        runtimes.create(RUNTIME, instance)
    processor: Any = import_module("elyra.pipeline.processor")
    commands: Any = import_module("elyra.cli.pipeline_app")
    parser: Any = import_module("elyra.pipeline.parser")
    processor.RuntimePipelineProcessor._upload_dependencies_to_object_store = nothing
    processor.RuntimePipelineProcessor._verify_cos_connectivity = nothing
    commands._build_component_cache()
    definition = commands._preprocess_pipeline(source, runtime="airflow", runtime_config=RUNTIME)
    commands._validate_pipeline_definition(definition)
    pipeline = parser.PipelineParser().parse(definition)
    export = processor.PipelineProcessorManager.instance().export(pipeline, "py", target, True)
    asyncio.new_event_loop().run_until_complete(export)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # its threads would wait for more

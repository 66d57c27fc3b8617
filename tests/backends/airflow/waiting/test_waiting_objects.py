"""Which store an object is looked for in: of Airflow's providers with a connection, or one that fsspec knows itself."""

from __future__ import annotations

from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest

from tests.support.airflow import AirflowHome

pytestmark = pytest.mark.engine

OF_PROVIDERS = {
    "s3://bucket/a key#1?.csv": (("s3", None), "bucket/a key#1?.csv"),
    "s3://aws_lake@bucket/a@b/*.csv": (("s3", "aws_lake"), "bucket/a@b/*.csv"),
    "s3://bucket/a@b": (("s3", None), "bucket/a@b"),
    "s3://bucket": (("s3", None), "bucket"),
}


@pytest.mark.parametrize("uri", OF_PROVIDERS)
def test_a_store_of_a_provider_is_asked_with_its_connection(
    airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    from pipec.backends.airflow import embedded_waits

    asked = []

    class Store(fsspec.AbstractFileSystem):  # type: ignore[misc]
        protocol = "s3"

    def get_fs(scheme: str, connection: str | None) -> Any:
        asked.append((scheme, connection))
        return Store()

    monkeypatch.setattr(embedded_waits, "has_fs", lambda scheme: scheme == "s3")
    monkeypatch.setattr(embedded_waits, "get_fs", get_fs)
    _, key = embedded_waits.store_of(uri)
    assert (*asked, key) == OF_PROVIDERS[uri]


def test_fsspec_knows_the_others(airflow: AirflowHome) -> None:
    from pipec.backends.airflow.embedded_waits import store_of

    store, key = store_of("memory://a/b.csv")
    assert (store.protocol, key) == ("memory", "/a/b.csv")

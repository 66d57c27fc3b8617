"""Which URIs of assets stand for one asset everywhere."""

from __future__ import annotations

import pytest

from pipec.analysis.asset_uris import uri_fault


@pytest.mark.parametrize(
    "uri",
    [
        "s3://lake/lots",
        "s3://lake/",
        "daily lots",
        "grüße",
        "a/b/",
        "file:///data/lots.csv",
        "postgres://db/wafer/public/lots",
        "mysql://db:3306/wafer/lots",
        "http://user@host/x?a=1&b=2",
        "x-ours:Any#thing/",
    ],
)
def test_uris_that_are_kept(uri: str) -> None:
    assert uri_fault(uri) is None


@pytest.mark.parametrize(
    ("uri", "what", "mend"),
    [
        ("s3://lake/lots/", "is the same asset as `s3://lake/lots`", "write `s3://lake/lots`"),
        ("s3://lake", "is the same asset as `s3://lake/`", "write `s3://lake/`"),
        ("S3://lake/a#b", "is the same asset as `s3://lake/a`", "write `s3://lake/a`"),
        ("http://h/x?b=2&a=1", "is the same asset as `http://h/x?a=1&b=2`", "write `http://h/x?a=1&b=2`"),
        ("s3:///lots", "names no bucket", "write `s3://bucket/key`"),
        (
            "postgres://db/lots",
            "does not name host, database, schema and table",
            "write `postgres://host/database/schema/table`",
        ),
        (
            "ftp://me:secret@host/x",
            "holds a password, which would be for all to read",
            "leave user and password out",
        ),
        ("airflow://x/y", "has a scheme that Airflow keeps for itself", "use another scheme"),
        ("self", "is a word that is taken", "write `assets/self`"),
        (" ", "is empty or longer than 1500 characters", "give the asset a short name"),
        ("x" * 1501, "is empty or longer than 1500 characters", "give the asset a short name"),
        ("http://[x/", "is no URI", "write one such as `s3://bucket/key`, or a plain name"),
    ],
)
def test_uris_that_are_not(uri: str, what: str, mend: str) -> None:
    fault = uri_fault(uri)
    assert fault is not None
    assert (fault.what, fault.mend) == (what, mend)

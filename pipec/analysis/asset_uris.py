"""URIs of assets that are not in their normal form, so that two texts could mean one asset, or none.

The normal form is that of RFC 3986 as engines keep it (Airflow's AIP-60): scheme in small letters, a path without a
slash at its end and never empty, the query sorted, no fragment and no password. The schemes that Airflow's
providers know have a path of a fixed number of names. A text without a scheme, and one with a scheme that begins
with `x-`, is a name that nobody looks into.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pipec.frozen import Frozen

LONGEST = 1500
"""Characters of a URI."""

_PATHS = {
    "bigquery": ("project", "dataset", "table"),
    "mariadb": ("host", "database", "table"),
    "mysql": ("host", "database", "table"),
    "postgres": ("host", "database", "schema", "table"),
    "postgresql": ("host", "database", "schema", "table"),
    "redshift": ("host", "database", "schema", "table"),
    "snowflake": ("account", "database", "schema", "table"),
    "trino": ("host", "catalog", "schema", "table"),
}
"""What stands behind `scheme://`, between slashes."""

_BUCKETS = frozenset({"gs", "s3"})
_RESERVED = frozenset({"context", "self"})


class UriFault(Frozen):
    """What is wrong with a URI, as the end of a sentence about it, and how it could be written."""

    what: str
    mend: str


def uri_fault(uri: str) -> UriFault | None:
    """Why a URI does not stand for one asset everywhere; None for one in its normal form."""
    if not uri.strip() or len(uri) > LONGEST:
        return UriFault(f"is empty or longer than {LONGEST} characters", "give the asset a short name")
    if uri in _RESERVED:
        return UriFault("is a word that is taken", f"write `assets/{uri}`")
    try:
        parts = urlsplit(uri)
        has_user = parts.username is not None
        normal = _normal_form(uri)
        _ = parts.port
    except ValueError:
        return UriFault("is no URI", "write one such as `s3://bucket/key`, or a plain name")
    scheme = parts.scheme.lower()
    if not scheme or scheme.startswith("x-"):
        return None
    if scheme == "airflow":
        return UriFault("has a scheme that Airflow keeps for itself", "use another scheme")
    if has_user and parts.password is not None:
        return UriFault("holds a password, which would be for all to read", "leave user and password out")
    fault = _path_fault(scheme, parts.netloc, parts.path.rstrip("/"))
    if fault is None and normal != uri:
        return UriFault(f"is the same asset as `{normal}`", f"write `{normal}`")
    return fault


def _normal_form(uri: str) -> str:
    parts = urlsplit(uri)
    query = urlencode(sorted(parse_qsl(parts.query))) if parts.query else ""
    path = parts.path.rstrip("/") or "/"
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), path=path, query=query, fragment=""))


def _path_fault(scheme: str, host: str, path: str) -> UriFault | None:
    if scheme in _BUCKETS and not host:
        return UriFault("names no bucket", f"write `{scheme}://bucket/key`")
    names = _PATHS.get(scheme)
    if names is not None and (not host or len(path.split("/")) != len(names)):
        return UriFault(
            f"does not name {', '.join(names[:-1])} and {names[-1]}", f"write `{scheme}://{'/'.join(names)}`"
        )
    return None

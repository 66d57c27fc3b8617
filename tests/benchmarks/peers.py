"""The other runners and generators, each in an environment of its own.

Usage: python -m tests.benchmarks.peers --install FOLDER [NAME …]. Installs what is pinned here, with uv where it is
there, else with pip; some hundred megabytes each.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PEERS = {
    "airflow": ("apache-airflow==3.3.2", "apache-airflow-providers-standard"),
    "boundary-layer": ("boundary-layer==1.9.18", "setuptools<81"),
    "dag-factory": ("dag-factory==1.1.0", "apache-airflow==3.3.2"),
    "dagster": ("dagster==1.13.29",),
    "elyra": ("elyra==4.1.1",),
    "hera": ("hera[yaml]==7.1.0",),
    "kedro-airflow": ("kedro-airflow==0.11.0",),
    "kfp": ("kfp==2.17.0",),
    "luigi": ("luigi==3.8.0",),
    "metaflow": ("metaflow==2.19.39",),
    "prefect": ("prefect==3.8.8", "fastapi==0.139.0"),
}


def interpreter(folder: Path | None, name: str) -> Path | None:
    """The Python that has this peer; None where it is not installed in the folder."""
    if folder is None:
        return None
    python = folder.absolute() / name / "bin" / "python"
    return python if python.exists() else None


def install(folder: Path, name: str) -> None:
    """Make the environment of a peer. Raises CalledProcessError where it cannot be had."""
    home = folder.absolute() / name
    python = str(home / "bin" / "python")
    uv = shutil.which("uv")
    venv.create(home, with_pip=uv is None)
    installer = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    subprocess.run([*installer, "--quiet", *PEERS[name]], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=Path, metavar="FOLDER", required=True)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PEERS)}; default: all")
    options = parser.parse_args()
    failed: list[str] = []
    for name in options.names or PEERS:
        if name not in PEERS:
            parser.error(f"there is no peer {name}")
        if interpreter(options.install, name) is not None:
            print(f"{name}: is there", flush=True)
            continue
        try:
            install(options.install, name)
            print(f"{name}: installed", flush=True)
        except subprocess.CalledProcessError as error:
            shutil.rmtree(options.install / name)
            failed.append(f"{name}: {error}")
    print("\n".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Where the three scripts meet: the folder that `ETL_FOLDER` names, else one among the system's temporary files."""

import os
import tempfile
from pathlib import Path

FOLDER = Path(os.environ.get("ETL_FOLDER") or Path(tempfile.gettempdir()) / "pipec_etl")

RAW = FOLDER / "readings.csv"
CLEAN = FOLDER / "averages.csv"
WAREHOUSE = FOLDER / "warehouse.sqlite"

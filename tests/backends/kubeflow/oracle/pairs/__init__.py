"""Pipelines written twice: `<feature>.pipe`, and `<feature>.py` with the SDK, which the environment of it reads."""

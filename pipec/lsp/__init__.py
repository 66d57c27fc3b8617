"""The language server: what editors ask of a `.pipe` file, answered by the same stages that `pipec check` runs."""

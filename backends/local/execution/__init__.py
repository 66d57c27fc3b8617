"""The execution of attempts: processes, workers and timers around one event loop."""

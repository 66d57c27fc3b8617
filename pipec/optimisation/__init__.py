"""Optimisations: pipelines made into others that run the same and cost less.

Each is a pure function from a pipeline of the IR to another one, with a reason for everything it changed. States of
tasks, outputs and the verdict stay what they were, whatever happens in a run. What a target gains decides which are
on by default for it; `pipec.optimisation.optimiser` applies them.
"""

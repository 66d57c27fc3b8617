"""The program in the containers of Kubeflow: its source is copied into the command, modules here are not imported.

It is run as `python3 -c PROGRAM REQUEST EXECUTOR_INPUT`. REQUEST is JSON that the compiler writes,
EXECUTOR_INPUT what Kubeflow gives every task: the values of its inputs, and where outputs go.
"""

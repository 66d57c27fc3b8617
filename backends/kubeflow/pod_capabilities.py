"""How Kubeflow offers what tasks ask of their pods, and what is to be done where that takes too long or fails."""

from __future__ import annotations

from pipec.backend import NATIVE, Capability, emulated, refused

_NATIVE = (
    "option.secrets",
    "option.volumes",
    "volumes.without_image",
)

_EMULATED = {
    "image": "inputs, outputs and a working directory of the task need `sh` in the image; types that are no texts, and "
    "requirements, are read by a helper task behind it, and texts that have to be computed by one before it",
    "timeout": "the deadline of the attempt's pod in whole seconds, which begins when a node takes it and fetches the "
    "image",
    "retry": "waits that are capped, or no whole seconds that grow by a whole factor, are kept inside one container; a "
    "cluster tries no more a year after the first attempt",
    "option.packages": "pip installs them at the start of the container, into a folder of its own",
    "packages.of_program": "pip installs them at the start of the container, into a folder of its own",
    "option.working_dir": "the program in the container changes to it, or `sh` in that of an image task",
    "secrets.as_files": "the whole Secret is mounted as the folder of the file, and hides what the image has there",
}

_NO_POOLS = "Kubeflow starts every task that is ready, as far as the cluster has room"

_REFUSED: dict[str, tuple[str, str]] = {
    "image.entrypoint": (
        "Kubeflow runs commands through a launcher of its own, and none where there is only the image's",
        'write what the image would start: command = ["…"]',
    ),
    "image.retry": (
        "every failure is tried again in a new pod that does not know its number, after whole seconds that grow by "
        "whole factors",
        "leave `on`, `max_delay` and fractions out of retry, or use `command` with image as an option, whose attempts "
        "can be made inside one container",
    ),
    "image.packages": ("an image task may have no Python", "have them in the image"),
    "secrets.file_names": (
        "a whole Secret is mounted as a folder with a file for each key",
        'name the file as the key, as "/run/db/password": secret("db/password"), or take an environment variable',
    ),
    "volumes.host_path": ("Kubeflow lets no task at the files of its node", "use a claim"),
    "volumes.sub_path": ("Kubeflow mounts parts of claims alone", "mount all of it"),
    "volumes.read_only": ("Kubeflow mounts claims and temporary folders for writing", "leave `read_only` out"),
    "volumes.name": ("Kubeflow names a volume after what is in it", "mount it once, under a name like `my-data`"),
    "affinity.beyond_nodes": (
        "Kubeflow's cluster reads node affinity alone",
        "write `nodeAffinity` as Kubernetes does, or use node_selector and tolerations",
    ),
    "pod.form": ("Kubernetes would not take it", "correct it"),
    "pod.form_without_image": ("Kubernetes would not take it", "correct it"),
    "cache.age": ("Kubeflow keeps results as long as its server is set to", "write cache = true"),
    "option.pool": (_NO_POOLS, "set max_parallel of a map, order the tasks, or ask for resources that the nodes have"),
    "option.queue": (_NO_POOLS, "choose nodes by node_selector in resources"),
    "deadline": (
        "Kubeflow tells nobody that a run is late",
        "write target kubeflow { active_deadline_seconds = 4h }, which ends a run that takes longer",
    ),
    "option.deadline": (
        "Kubeflow tells nobody that a task is late",
        "set a timeout, which fails the task, or look at the time in a task of its own",
    ),
    "notebook": (
        "Kubeflow runs commands in containers",
        'run it with papermill: command(["papermill", "in.ipynb", "out.ipynb"]) in an image that has it',
    ),
    "sql": (
        "Kubeflow knows no connections to databases",
        "run it from a python task with a client of the database, and its password by `secrets`",
    ),
    "sql.without_connection": (
        "Kubeflow knows no connections to databases",
        "run it from a python task with a client of the database, and its password by `secrets`",
    ),
}

PODS: dict[str, Capability] = {
    **dict.fromkeys(_NATIVE, NATIVE),
    **{feature: emulated(how) for feature, how in _EMULATED.items()},
    **{feature: refused(reason, way_out) for feature, (reason, way_out) in _REFUSED.items()},
}
"""By feature."""

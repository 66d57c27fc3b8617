"""Who sits at this machine."""

from __future__ import annotations

import os
import pwd


def os_user() -> str:
    """Who answers, as the operating system knows them: not what variables of the environment say."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name, as in containers
        return str(os.getuid())

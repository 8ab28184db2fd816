"""The hub of a class in one container; README.md beside this file says how it is started."""

import os
import subprocess
import sys
from pathlib import Path

from firstuseauthenticator import FirstUseAuthenticator
from jupyterhub.auth import LocalAuthenticator

c = get_config()  # noqa: F821
SERVER = Path(__file__).resolve().parent
STATE = Path(os.environ.get("HUB_STATE", "/srv/hub"))  # a volume: who there is, and passwords
WARM = os.environ.get("COURSE_WARM", "/run/course-warm")


class ClassAuthenticator(FirstUseAuthenticator, LocalAuthenticator):
    """Who logs in first with a name chooses its password, and gets an account of the system."""

    def add_system_user(self, user):
        home = Path("/home", user.name)  # on a volume it outlives the container's accounts
        number = [f"--uid={home.stat().st_uid}"] if home.exists() else []
        command = ["useradd", "--create-home", "--shell=/bin/bash", *number, user.name]
        subprocess.run(command, check=True)
        home.chmod(0o700)


c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.db_url = f"sqlite:///{STATE}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie-secret")
c.JupyterHub.authenticator_class = ClassAuthenticator
c.ClassAuthenticator.dbm_path = str(STATE / "passwords")
c.ClassAuthenticator.create_system_users = True
c.Authenticator.allow_all = True
c.Authenticator.admin_users = set(os.environ.get("HUB_ADMINS", "").split())

c.Spawner.cmd = [sys.executable, "-IS", str(SERVER / "from_warm.py"), "jupyterhub.singleuser"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.default_url = "/lab/tree/deep-learning/00_welcome.ipynb"
c.Spawner.mem_limit = 2 * 2**30  # of each process; who asks for more gets a MemoryError
c.Spawner.environment = {
    "COURSE_WARM": WARM,
    "JUPYTER_CONFIG_PATH": f"{SERVER}:{SERVER.parent / 'course_utils'}",
    "JUPYTER_PATH": str(SERVER),
    "OMP_NUM_THREADS": "1",
    "PYTHONNOUSERSITE": "1",
}
c.JupyterHub.services = [
    {
        "name": "warm",  # what servers and kernels are forked from
        "command": [sys.executable, str(SERVER / "warm.py"), WARM],
        "environment": {"MEM_LIMIT": str(2 * 2**30), "OMP_NUM_THREADS": "1"},
    }
]

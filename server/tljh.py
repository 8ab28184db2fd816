"""What The Littlest JupyterHub needs for the course; README.md beside this file says how.

Linked into /opt/tljh/config/jupyterhub_config.d/, it is read after TLJH's own settings.
"""

from pathlib import Path

c = get_config()  # noqa: F821
SERVER = Path(__file__).resolve().parent

c.Spawner.default_url = "/lab/tree/deep-learning/00_welcome.ipynb"
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.mem_limit = "2G"  # of a learner's server with all kernels, kept by systemd
c.Spawner.environment = {
    "JUPYTER_CONFIG_PATH": f"{SERVER}:{SERVER.parent / 'course_utils'}",
    "JUPYTER_PATH": str(SERVER),
    "OMP_NUM_THREADS": "1",
    "PYTHONNOUSERSITE": "1",
}
# TLJH's own culler takes ten minutes of reading for idleness; jupyter_server_config.py does not.
c.JupyterHub.services = []

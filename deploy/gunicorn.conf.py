"""How every HTTP process is served: one worker of threads, no control socket, no orphans."""

import os

from chassis.settings import die_with_parent

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ['PORT']}"
workers = int(os.environ.get("WORKERS", "1"))
worker_class = "gthread"
threads = int(os.environ.get("THREADS", "16"))
reuse_port = (
    True  # spreads keep-alive connections over workers, and lets the supervisor hold the port
)
keepalive = 75  # longer than a gateway keeps an idle connection to us
graceful_timeout = int(os.environ.get("GRACE_S", "30"))
timeout = 60
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - heartbeats off the disk
control_socket_disable = (
    True  # on by default at a per-user path: services of one user would collide
)
limit_request_line = 4094
limit_request_fields = 64
header_map = "drop"
forwarded_allow_ips = "127.0.0.1"
accesslog = None  # the application writes one canonical line per request
loglevel = "warning"
proc_name = os.environ.get("SERVICE", "http")


def on_starting(_server: object) -> None:
    """Ends the master when the supervisor ends."""
    die_with_parent()


def post_fork(_server: object, _worker: object) -> None:
    """Ends the worker when its master or the supervisor ends; threads do not survive a fork."""
    die_with_parent()

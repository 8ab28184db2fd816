"""Keeps every Python process of a test run off the network: only this machine can be reached.

Python imports `sitecustomize` at its start; `tests/conftest.py` puts this folder on PYTHONPATH, so
kernels and servers started by the tests have it too.
"""

import ipaddress
import os
import socket

LOCAL_NAMES = {"", "localhost", "ip6-localhost", socket.gethostname()}


class NetworkBlockedError(OSError):
    """Something in the course asked for the network during a test."""


def _refuse_unless_local(host: object) -> None:
    if host is None or host in LOCAL_NAMES:
        return
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        if ipaddress.ip_address(name.split("%")[0]).is_loopback or name in ("0.0.0.0", "::"):
            return
    except ValueError:
        pass
    raise NetworkBlockedError(f"the tests run without a network, but {name} was asked for")


def _block() -> None:
    look_up = socket.getaddrinfo

    def guarded_look_up(host: object, *arguments: object, **options: object) -> object:
        _refuse_unless_local(host)
        return look_up(host, *arguments, **options)

    def guarded(method: object) -> object:
        def call(sock: socket.socket, *arguments: object) -> object:
            address = arguments[-1]
            if sock.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
                _refuse_unless_local(address[0])
            return method(sock, *arguments)

        return call

    socket.getaddrinfo = guarded_look_up
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, guarded(getattr(socket.socket, name)))


_block()

if os.environ.get("COURSE_DEVICE") == "twin":  # a lesson is run on the pretended accelerator
    import twin

    twin.install(**twin.settings(os.environ.get("COURSE_TWIN", "")))

"""What keeps workers of one machine on that machine's loopback."""

from __future__ import annotations

import socket
import sys


def loopback_settings() -> dict[str, str]:
    """Return the environment variables with which workers find each other without a network.

    Left alone, gloo takes the address that the machine's name stands for, where it has one: that
    may lie in a network, behind a firewall, or be gone. On Windows PyTorch has no libuv, and its
    store must be told so (pytorch.org/tutorials, "Introduction to libuv TCPStore backend").
    """
    settings = {"USE_LIBUV": "0"} if sys.platform == "win32" else {}
    for _, name in socket.if_nameindex():
        if name in ("lo", "lo0"):  # as Linux and macOS call it
            settings["GLOO_SOCKET_IFNAME"] = name
    return settings

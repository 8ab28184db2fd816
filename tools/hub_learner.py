"""A learner at a JupyterHub, over HTTP and websockets as the page is: log in, run cells, draw.

What the page of JupyterLab sends is sent here: the log-in form, the spawn page and its progress,
the OAuth redirects, the session of a notebook, messages of the kernel in the binary form
`v1.kernel.websocket.jupyter.org`, and widget messages on a subshell, a second thread of the kernel.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import websocket
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

from course_utils.display import WIDGET

PATIENCE = 240  # seconds for one answer; twenty servers that start at once on two cores take sixty
PROTOCOL = "v1.kernel.websocket.jupyter.org"
PARTS = ("header", "parent_header", "metadata", "content")


class LearnerError(RuntimeError):
    """Something that a learner would have seen fail."""


class Learner:
    """One person with a browser: a jar of cookies, a server, a notebook, its kernel.

    Args:
        name: to log in with; who comes first with a name chooses its password.
        address: of the hub, such as "http://127.0.0.1:8000".
    """

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address, self.home = name, address, f"{address}/user/{name}"
        self.web = requests.Session()
        self.web.trust_env = False  # no proxy stands between this machine and itself

    # ---- the hub

    def log_in(self, password: str) -> None:
        """Fill in the log-in form, wait on the spawn page, follow to JupyterLab."""
        self._get(f"{self.address}/hub/login")
        form = {"username": self.name, "password": password, "_xsrf": self._xsrf("/hub/")}
        page = self._checked(
            self.web.post(f"{self.address}/hub/login?next=", form, timeout=PATIENCE)
        )
        if "spawn-pending" in page.url:
            self._wait_for_server()
        page = self._get(f"{self.home}/lab")
        if "jupyter-config-data" not in page.text:
            raise LearnerError(f"JupyterLab was asked for, and {page.url} came")

    def _wait_for_server(self) -> None:
        """Read the progress that the spawn page shows, to its end."""
        address = f"{self.address}/hub/api/users/{self.name}/server/progress"
        headers = {"Accept": "text/event-stream"}
        with self.web.get(
            address,
            params={"_xsrf": self._xsrf("/hub/")},
            headers=headers,
            stream=True,
            timeout=PATIENCE,
        ) as answer:
            for line in self._checked(answer).iter_lines(decode_unicode=True):
                event = json.loads(line[5:]) if line.startswith("data:") else {}
                if event.get("failed"):
                    raise LearnerError(f"the server did not start: {event.get('message')}")
                if event.get("ready"):
                    return
        raise LearnerError("the progress of the server ended before it was ready")

    def log_out(self) -> None:
        """End the kernel's connection and the server, as `Stop My Server` does."""
        if getattr(self, "socket", None):
            self.socket.close()
        address = f"{self.address}/hub/api/users/{self.name}/server"
        headers = {"X-XSRFToken": self._xsrf("/hub/"), "Referer": f"{self.address}/hub/home"}
        self._checked(self.web.delete(address, headers=headers, timeout=PATIENCE))

    # ---- the notebook

    def open(self, path: str) -> list[dict]:
        """Open a notebook with a kernel of its own and return its code cells."""
        book = self._get(f"{self.home}/api/contents/{path}").json()["content"]
        wanted = {"path": path, "name": path.rpartition("/")[2], "type": "notebook"}
        wanted["kernel"] = {"name": book["metadata"]["kernelspec"]["name"]}
        self.session_id = uuid.uuid4().hex
        answer = self.web.post(
            f"{self.home}/api/sessions", json=wanted, headers=self._headers(), timeout=PATIENCE
        )
        self.kernel = self._checked(answer).json()["kernel"]["id"]
        self._connect()
        return [cell for cell in book["cells"] if cell["cell_type"] == "code"]

    def _connect(self) -> None:
        where = f"{self.home}/api/kernels/{self.kernel}/channels"
        cookies = requests.cookies.get_cookie_header(
            self.web.cookies, requests.Request("GET", where)
        )
        self.socket = websocket.create_connection(
            f"ws{where[4:]}?session_id={self.session_id}&_xsrf={self._headers()['X-XSRFToken']}",
            cookie=cookies,
            origin=self.address,
            subprotocols=[PROTOCOL],
            timeout=PATIENCE,
            http_no_proxy=["*"],
        )
        *_, reply = self.ask("kernel_info_request", {})
        if "kernel subshells" in reply["content"].get("supported_features", ()):
            *_, reply = self.ask("create_subshell_request", {}, channel="control")
            self.subshell = reply["content"]["subshell_id"]

    def run(self, cell: dict) -> list[dict]:
        """Run a cell and return its outputs; a text that only lives in the page is left out.

        Raises:
            LearnerError: it raises, and is not tagged as a cell that does.
        """
        content = {"code": cell["source"], "silent": False, "store_history": True}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        told = list(self.ask("execute_request", content, {"cellId": cell["id"]}))
        outputs = [m for m in told if m["header"]["msg_type"] in OUTPUTS]
        tagged = "raises-exception" in cell["metadata"].get("tags", ())
        for message in outputs:
            if message["header"]["msg_type"] == "error" and not tagged:
                fault = f"{message['content']['ename']}: {message['content']['evalue']}"
                raise LearnerError(f"cell {cell['id']}: {fault}")
        return [message["content"] for message in outputs]

    def value(self, expression: str) -> str:
        """Return the repr of an expression in the kernel."""
        content = {"code": "", "silent": True, "user_expressions": {"it": expression}}
        *_, reply = self.ask("execute_request", content)
        answer = reply["content"]["user_expressions"]["it"]
        if answer["status"] != "ok":
            raise LearnerError(f"{expression}: {answer['ename']}: {answer['evalue']}")
        return answer["data"]["text/plain"]

    # ---- the pad

    def read(self, pad: str, number: int, picture: bytes) -> float:
        """Have the kernel read a picture, as a pad does at a move; return the milliseconds.

        Args:
            pad: the id of the pad's model.
            number: of the message.
            picture: 28 × 28 bytes, 0 for paper to 255 for ink.

        Raises:
            LearnerError: what comes back are not ten probabilities of each model.
        """
        start = time.perf_counter()
        content = {"kind": "read", "id": number, "here": False}
        answers = self._to_pad(pad, {"method": "custom", "content": content}, picture)
        for data in answers:
            said = data.get("content", {})
            if said.get("kind") == "readings" and said["id"] == number:
                sums = [sum(reading.get("probs", ())) for reading in said["readings"]]
                if sums and all(abs(total - 1) < 1e-3 for total in sums):
                    return 1000 * (time.perf_counter() - start)
            if said.get("kind") in ("readings", "refused"):
                raise LearnerError(f"the pad answers {said}")
        raise LearnerError("the pad does not answer")

    def draw(self, pad: str, strokes: bytes) -> None:
        """Send the strokes of a drawing, as the page does at the end of each."""
        data = {"method": "update", "state": {}, "buffer_paths": [["_strokes"]]}
        list(self._to_pad(pad, data, strokes))

    def _to_pad(self, pad: str, data: dict, buffer: bytes) -> Iterator[dict]:
        """Send a widget message; give what the pad answers as it comes."""
        content = {"comm_id": pad, "data": data}
        for message in self.ask("comm_msg", content, buffer=buffer, subshell=True):
            if message["header"]["msg_type"] == "comm_msg" and message["content"]["comm_id"] == pad:
                yield message["content"]["data"]

    # ---- messages

    def ask(
        self,
        kind: str,
        content: dict,
        metadata: dict | None = None,
        *,
        channel: str = "shell",
        buffer: bytes | None = None,
        subshell: bool = False,
    ) -> Iterator[dict]:
        """Send a message of the kernel's protocol and give what follows from it, a reply last.

        Raises:
            LearnerError: the kernel ends, or is silent for `PATIENCE` seconds.
        """
        number = self._send(kind, [content, metadata or {}], channel, buffer, subshell)
        reply, idle = None, kind == "create_subshell_request"
        while not idle or (kind.endswith("_request") and reply is None):
            message = self._receive()
            name = message["header"]["msg_type"]
            if message["parent_header"].get("msg_id") != number:
                continue
            if name == "status":
                idle = idle or message["content"]["execution_state"] == "idle"
            elif name.endswith("_reply"):
                reply = message
            else:
                yield message
        if reply is not None:
            yield reply

    def _send(
        self, kind: str, parts: list[dict], channel: str, buffer: bytes | None, subshell: bool
    ) -> str:
        """Send a message of these contents and metadata; return its number."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.session_id}
        header |= {"username": self.name, "version": "5.4", "date": _now()}
        if subshell and getattr(self, "subshell", None):
            header["subshell_id"] = self.subshell
        packed = [json.dumps(part).encode() for part in (header, {}, *reversed(parts))]
        packed += [] if buffer is None else [buffer]
        self.socket.send_binary(serialize_msg_to_ws_v1(packed, channel))
        return header["msg_id"]

    def _receive(self) -> dict:
        try:
            _, parts = deserialize_msg_from_ws_v1(self.socket.recv())
        except (OSError, websocket.WebSocketException) as error:
            fault = f"{type(error).__name__}: {error}"
            raise LearnerError(f"the kernel does not answer ({fault})") from error
        message = dict(zip(PARTS, map(json.loads, parts[:4]), strict=True))
        state = message["content"].get("execution_state")
        if state in ("dead", "restarting", "autorestarting"):
            raise LearnerError("the kernel has died; was the limit of memory met?")
        return message

    # ---- HTTP

    def _get(self, address: str) -> requests.Response:
        return self._checked(self.web.get(address, timeout=PATIENCE))

    def _checked(self, answer: requests.Response) -> requests.Response:
        if answer.status_code >= 400:
            path = urlsplit(answer.url).path
            text = re.sub(r"\s+", " ", re.sub("<[^>]*>", "", answer.text))[-200:]
            raise LearnerError(f"{answer.status_code} {answer.reason} for {path}: {text}")
        return answer

    def _xsrf(self, path: str) -> str:
        """Return the token that the page of a path sends with what it asks for."""
        found = [cookie.value for cookie in self.web.cookies if cookie.name == "_xsrf"]
        there = [c.value for c in self.web.cookies if c.name == "_xsrf" and c.path == path]
        return (there or found or [""])[-1]

    def _headers(self) -> dict[str, str]:
        return {"X-XSRFToken": self._xsrf(urlsplit(self.home).path + "/"), "Referer": self.home}


OUTPUTS = ("stream", "display_data", "execute_result", "error")


def text_of(outputs: list[dict]) -> str:
    """Return what outputs say in words: streams, however they were cut, and texts of results."""
    said = ""
    for output in outputs:
        texts = output.get("data", {})
        is_page_only = WIDGET in texts and len(texts) < 3
        said += output.get("text") or output.get("evalue", "")
        said += "" if is_page_only else texts.get("text/plain", "")
    return said


def widget_of(outputs: list[dict]) -> str:
    """Return the id of the last widget that outputs show; "" where there is none."""
    models = [output.get("data", {}).get(WIDGET, {}).get("model_id", "") for output in outputs]
    return next(filter(None, reversed(models)), "")


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())

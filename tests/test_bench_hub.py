"""What the hub's load test computes; what it measures needs a hub and is not tried here."""

import ast
import json
import os
import subprocess
import sys
import time

import bench_hub
import hub_learner
import pytest
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

from course_utils.display import WIDGET

linux = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


def part(private, pss):
    return {"private": private, "pss": pss, "cpu": 1.0, "peak": pss, "data": pss}


def test_what_is_shared_is_counted_once():
    parts = {
        "hub": [part(100, 110)],
        "warm": [part(0, 100)],
        "server": [part(30, 80), part(40, 90)],
        "kernel": [part(200, 250), part(300, 350)],
        "stand-in": [part(5, 5)] * 4,
    }
    figures = bench_hub.cost(parts, 2)
    assert figures["each"] == (30 + 40 + 200 + 300 + 20) / 2
    assert figures["sum"] == 110 + 100 + 80 + 90 + 250 + 350 + 20
    assert figures["once"] + 2 * figures["each"] == figures["sum"]


def test_a_machine_bears_what_its_memory_and_its_cores_bear():
    figures = {"once": 1000, "each": 290, "minutes": 100, "cpu": 24}
    bears = bench_hub.capacity(figures, cores=8, gigabytes=32)
    assert bears["memory"] == 100  # (32 - 2) GB less 1 GB, over 290 MB
    assert bears["cores"] == 1000  # half of 8 cores for 6,000 s, over 24 s
    assert bears["learners"] == 100
    few_cores = bench_hub.capacity(figures | {"cpu": 2400}, cores=8, gigabytes=32)
    assert few_cores["learners"] == few_cores["cores"] == 10


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("python\npython -c code -f /tmp/x/jupyterhub_config.py jupyterhub", "hub"),
        ("node\nnode build/hub-proxy/configurable-http-proxy --ip 127.0.0.1", "proxy"),
        ("python\npython -IS server/from_warm.py jupyterhub.singleuser", "stand-in"),
        ("python\npython server/kernels/python3/../../from_warm.py ipykernel_launcher", "stand-in"),
        ("warm-ipykernel_\npython server/warm.py /tmp/warm", "kernel"),
        ("warm-jupyterhub\npython server/warm.py /tmp/warm", "server"),
        ("python\npython server/warm.py /tmp/warm", "warm"),
        ("python\npython start.py ipykernel_launcher -f x.json", "cold kernel"),
        ("python\npython start.py jupyterhub.singleuser", "cold server"),
        ("bash\nbash", "other"),
    ],
)
def test_a_process_is_told_by_its_name_and_command(command, role):
    assert bench_hub.role_of(command) == role


@linux
def test_a_marked_process_is_found_measured_and_ended():
    code = "import sys; x = bytearray(50_000_000); print('there', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {bench_hub.MARK: "a test"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout.readline() == b"there\n"
        assert list(bench_hub.marked("a test")) == [process.pid]
        assert bench_hub.marked("a tes") == {}
        held = bench_hub.memory_of(process.pid)
        assert 50 < held["private"] <= held["pss"] <= held["peak"] < 150
        assert held["data"] > 50
        bench_hub._end(process, "a test")
        assert process.wait(0) == 0
    finally:
        process.kill()


def test_the_hub_of_the_test_takes_the_shipped_configuration(tmp_path):
    text = bench_hub.configuration(tmp_path, "a mark", [1, 2, 3])
    ast.parse(text)
    assert str(bench_hub.SERVER / "jupyterhub_config.py") in text
    assert "'a mark'" in text
    assert "services = []" not in text
    assert "services = []" in bench_hub.configuration(tmp_path, "a mark", [1, 2, 3], cold=True)
    assert bench_hub.proxy_version().startswith("configurable-http-proxy@")


def test_free_ports_differ():
    assert len(set(bench_hub.free_ports(3))) == 3


def person(*texts):
    return bench_hub.Person(1.0, [0.1] * len(texts), [20.0], list(texts))


def test_who_sees_other_words_than_a_learner_alone_has_failed():
    people = {"a": person("one", "two"), "b": person("one", "2")}
    assert list(bench_hub.compare_texts(person("one", "two"), people)) == ["b"]


def test_streams_may_be_cut_anywhere_and_what_lives_in_the_page_is_no_text():
    whole = [{"name": "stdout", "text": "a\nb\n"}]
    cut = [{"name": "stdout", "text": "a"}, {"name": "stdout", "text": "\nb\n"}]
    live = [{"data": {WIDGET: {"model_id": "x7"}, "text/plain": "Pad(7)"}}]
    still = [{"data": {WIDGET: {"model_id": "x8"}, "text/plain": "seen", "image/png": ""}}]
    assert hub_learner.text_of(whole) == hub_learner.text_of(cut + live) == "a\nb\n"
    assert hub_learner.text_of(still) == "seen"
    assert hub_learner.widget_of(live + still + whole) == "x8"
    assert hub_learner.widget_of(whole) == ""


class Socket:
    """Answers messages as a kernel does; keeps what was sent."""

    def __init__(self, answer):
        self.answer, self.sent, self.queue = answer, [], []

    def send_binary(self, packed):
        channel, parts = deserialize_msg_from_ws_v1(packed)
        header, content = json.loads(parts[0]), json.loads(parts[3])
        self.sent.append((channel, header, content, parts[4:]))
        for kind, said in self.answer(header, content):
            state = [{"msg_type": kind}, {"msg_id": header["msg_id"]}, {}, said]
            self.queue.append([json.dumps(one).encode() for one in state])

    def recv(self):
        return serialize_msg_to_ws_v1(self.queue.pop(0), "iopub")


def learner(answer):
    one = hub_learner.Learner("ada", "http://127.0.0.1:1")
    one.socket, one.session_id, one.subshell = Socket(answer), "s", "second thread"
    return one


IDLE = ("status", {"execution_state": "idle"})


def test_a_reading_goes_over_the_subshell_with_its_picture():
    def answer(_header, content):
        number = content["data"]["content"]["id"]
        readings = [{"name": "m", "probs": [0.1] * 10}]
        said = {"content": {"kind": "readings", "id": number, "readings": readings}}
        return [("comm_msg", {"comm_id": "pad", "data": said}), IDLE]

    one = learner(answer)
    assert one.read("pad", 4, bytes(784)) > 0
    ((channel, header, _, buffers),) = one.socket.sent
    assert (channel, header["subshell_id"], buffers) == ("shell", "second thread", [bytes(784)])


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "refused", "id": 4, "error": "no"},
        {"kind": "readings", "id": 4, "readings": [{"name": "m", "error": "no"}]},
        {"kind": "readings", "id": 4, "readings": []},
        None,
    ],
)
def test_a_pad_that_does_not_read_is_a_failure(said):
    answers = [("comm_msg", {"comm_id": "pad", "data": {"content": said}})] if said else []
    one = learner(lambda _header, _content: [*answers, IDLE])
    with pytest.raises(hub_learner.LearnerError, match="the pad"):
        one.read("pad", 4, bytes(784))


def failing(header, content):
    error = {"ename": "ValueError", "evalue": "no"}
    return [("error", error), IDLE, ("execute_reply", {"status": "error"})]


def test_a_cell_that_raises_is_a_failure_unless_it_is_meant_to():
    cell = {"id": "c", "source": "1 / 0", "metadata": {}}
    with pytest.raises(hub_learner.LearnerError, match="cell c: ValueError: no"):
        learner(failing).run(cell)
    meant = cell | {"metadata": {"tags": ["raises-exception"]}}
    assert [output["ename"] for output in learner(failing).run(meant)] == ["ValueError"]


def test_a_kernel_that_dies_is_a_failure():
    dies = learner(lambda _header, _content: [("status", {"execution_state": "restarting"})])
    with pytest.raises(hub_learner.LearnerError, match="died"):
        dies.run({"id": "c", "source": "x", "metadata": {}})


def test_who_is_not_done_in_time_and_who_raises_have_failed(monkeypatch):
    def attend(one, _rng, _pause):
        if one.name == "slow":
            time.sleep(60)
        raise OSError("no hub")

    monkeypatch.setattr(bench_hub, "attend", attend)
    some = bench_hub.Class(["slow", "unlucky"], "http://127.0.0.1:1", spread=0, pause=0)
    some.run(patience=1)
    assert some.failures["slow"] == "not done after 1 s"
    assert some.failures["unlucky"] == "OSError: no hub"


def test_the_table_comes_between_its_marks(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(f"before\n{bench_hub.BEGIN}old\n{bench_hub.END}after\n", encoding="utf-8")
    bench_hub.write_readme("new\n", page)
    text = f"before\n{bench_hub.BEGIN}new\n{bench_hub.END}after\n"
    assert page.read_text(encoding="utf-8") == text
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(SystemExit, match="marks"):
        bench_hub.write_readme("new\n", page)


def test_the_page_of_the_server_has_the_marks():
    page = bench_hub.README.read_text(encoding="utf-8")
    assert page.index(bench_hub.BEGIN) < page.index(bench_hub.END)

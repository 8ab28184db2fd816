"""What the hub's load test computes; what it measures needs a hub and is not tried here."""

import ast
import json
import os
import subprocess
import sys
import time
from argparse import Namespace

import bench_hub
import hub_learner
import hub_server
import pytest
import torch
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
    figures = {"once": 1000, "each": 290, "longest": 2}
    bears = bench_hub.capacity(figures, cores=8, gigabytes=32)
    assert bears["memory"] == 100  # (32 - 2) GB less 1 GB, over 290 MB
    assert bears["by_cores"] == 120  # 8 cores run 120 cells of 2 s in 30 s
    assert bears["bears"] == 100
    few_cores = bench_hub.capacity(figures | {"longest": 24}, cores=8, gigabytes=32)
    assert few_cores["bears"] == few_cores["by_cores"] == 10


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
    assert hub_server.role_of(command) == role


@linux
def test_a_marked_process_is_found_measured_and_ended():
    code = "import sys; x = bytearray(50_000_000); print('there', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {hub_server.MARK: "a test"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout.readline() == b"there\n"
        assert list(hub_server.marked("a test")) == [process.pid]
        assert hub_server.marked("a tes") == {}
        held = hub_server.memory_of(process.pid)
        assert 50 < held["private"] <= held["pss"] <= held["peak"] < 150
        assert held["data"] > 50
        hub_server._end(process, "a test")
        assert process.wait(0) == 0
    finally:
        process.kill()


def test_the_hub_of_the_test_takes_the_shipped_configuration(tmp_path):
    text = hub_server.configuration(tmp_path, "a mark", [1, 2, 3])
    ast.parse(text)
    assert str(hub_server.SERVER / "jupyterhub_config.py") in text
    assert "'a mark'" in text
    assert "services = []" not in text
    assert "services = []" in hub_server.configuration(tmp_path, "a mark", [1, 2, 3], cold=True)
    assert hub_server.proxy_version().startswith("configurable-http-proxy@")


def test_the_table_says_what_was_measured_and_computed():
    alone = bench_hub.Person(2.0, [1.0, 3.0], [20.0], ["", ""], [50.0, 60.0, 300.0], 100.0)
    slow = alone._replace(start=4.0, cells=[2.0, 4.0], readings=[30.0, 50.0])
    result = {
        "alone": alone._asdict(),
        "people": {"a": slow._asdict(), "b": slow._asdict()},
        "failures": {},
        "memory": {"hub": [part(100, 110)], "kernel": [part(290, 300)] * 2},
        "available": 700.0,
    }
    options = Namespace(cores=8, gigabytes=32, learners=2)
    text = bench_hub.table(result, bench_hub.summary(result, options), options)
    assert "| kernel | 2 | 290 | 300 |" in text
    assert "2 learners at once, 0 failures" in text
    assert "adds **290 MB**; 130 MB are there once" in text  # the hub's 110, and 2 × 10
    assert "took 1.5 times as long as for one learner alone (4.0 s" in text
    assert "40 ms in place of 20 (95% within 50 ms)" in text
    assert "Of a kernel's 300 private MB 50 are there before the first cell, and 100" in text
    assert "(+240)" in text
    assert "**8 cores and 32 GB bear 80 learners**: 103 by memory" in text  # 30 s × 8 / 3 s
    assert text.count("{") == 0


def test_what_the_lesson_holds_is_counted_once_for_all_views():
    before = eval(bench_hub.DATA, {"image_lists": []})
    held = torch.zeros(10**6)
    views = held.view(1000, 1000), held[:10]
    rows = [[0] * 1000, [0] * 1000]
    grown = eval(bench_hub.DATA, {"image_lists": rows}) - before
    assert 4_000_000 + 16_000 <= grown < 4_100_000
    assert len(views) == 2


def test_free_ports_differ():
    assert len(set(hub_server.free_ports(3))) == 3


def person(*texts):
    return bench_hub.Person(1.0, [0.1] * len(texts), [20.0], list(texts), [], 0.0)


def test_who_sees_other_words_than_a_learner_alone_has_failed():
    people = {"a": person("one", "two"), "b": person("one", "2")}
    assert list(bench_hub.compare_texts(person("one", "two"), people)) == ["b"]


def test_the_cells_with_which_a_kernel_grew_are_named_by_the_line_where_they_begin():
    second = "import b\n\n# why\ndef f():\n    pass\n\nb(\n    1\n)"
    said = bench_hub.growth([10, 12, 60, 60, 95], ["a = 1", second, "c", "d"], n=2)
    assert said == "cell 2, `b(` (+48), cell 4, `d` (+35)"


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
    def attend(one, *_):
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


def test_what_a_learner_costs_without_sharing_comes_below_if_it_was_measured(tmp_path):
    warm, cold = tmp_path / "warm.json", tmp_path / "cold.json"
    with pytest.raises(SystemExit, match="make bench-hub"):
        bench_hub.last_table(warm, cold)
    warm.write_text(json.dumps({"table": "a table\n"}))
    assert bench_hub.last_table(warm, cold) == "a table\n"
    figures = {"each": 700.0, "kernel": 600.0, "fresh": 40.0, "started": 9.0, "memory": 42}
    figures |= {"content": 100.0, "grown": "cell 1, `import` (+300)"}
    cold.write_text(json.dumps({"people": {"a": 1}, "figures": figures}))
    assert "here 1 learners) a learner adds 700 MB" in bench_hub.last_table(warm, cold)


def test_the_page_of_the_server_has_the_marks():
    page = bench_hub.README.read_text(encoding="utf-8")
    assert page.index(bench_hub.BEGIN) < page.index(bench_hub.END)

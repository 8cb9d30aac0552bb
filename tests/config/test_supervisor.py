import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from config.local.console import LocalError
from config.local.leftovers import end_leftovers
from config.local.supervisor import Supervisor
from tests.config.dummies import code, dummy, events
from tests.waiting import until

CHECKOUT = Path(__file__).resolve().parents[2]


def processes_in(folder):
    """Everything that runs with this folder as its working folder."""
    found = []
    for process in psutil.process_iter(["cwd", "status"]):
        if process.info["cwd"] == str(folder) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.fixture
def platform(tmp_path):
    """Starts a supervisor of three dummies as a process of its own."""
    started = []

    def start(patience="ends"):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.config.dummies", tmp_path, patience],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        started.append(process)
        until(lambda: process.stdout.readline() == "all up\n")
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
    for process in processes_in(tmp_path):
        process.kill()


def test_programs_start_in_order_each_when_the_one_before_is_ready(tmp_path, capsys):
    def ready_before_the_second():
        seen.append(events(tmp_path))
        return (tmp_path / "first").exists()

    seen = []
    first = dummy(tmp_path, "first")
    with Supervisor() as supervisor:
        supervisor.start(type(first)(**vars(first) | {"is_ready": ready_before_the_second}))
        supervisor.start(dummy(tmp_path, "second"))

        assert events(tmp_path) == ["first start", "second start"]
    assert all("second start" not in events_then for events_then in seen)


def test_programs_that_start_together_are_all_ready_and_a_step_runs_beside_them(tmp_path, capsys):
    def ready_beside_the_second():
        return "second start" in events(tmp_path)

    first = replace(dummy(tmp_path, "first"), is_ready=ready_beside_the_second)
    with Supervisor() as supervisor:
        step = supervisor.begin(code("print('{}')", tmp_path, is_quiet=True))
        supervisor.start(first, dummy(tmp_path, "second"))

        assert sorted(events(tmp_path)) == ["first start", "second start"]
        assert supervisor.finish(step) == ["{}"]


def test_a_step_that_fails_while_others_start_is_told_when_it_is_waited_for(tmp_path, capsys):
    with Supervisor(first_pause_s=0.01) as supervisor:
        step = supervisor.begin(code("raise SystemExit('no')", tmp_path, name="ask", is_quiet=True))
        supervisor.start(dummy(tmp_path, "first"))

        with pytest.raises(LocalError, match="ask failed"):
            supervisor.finish(step)
    assert capsys.readouterr().out.count("ask      | no") == 1


def test_what_a_child_says_carries_its_name(tmp_path, capsys):
    with Supervisor() as supervisor:
        supervisor.run(code("print('one'); print('two', end='')", tmp_path, name="talker"))

    assert capsys.readouterr().out.splitlines() == ["talker   | one", "talker   | two"]


def test_a_program_may_speak_for_itself(tmp_path, capsys):
    with Supervisor() as supervisor:
        supervisor.run(code("print('--> Step')", tmp_path, shows_name=False))

    assert capsys.readouterr().out == "--> Step\n"


def test_noise_is_left_out(tmp_path, capsys):
    with Supervisor() as supervisor:
        supervisor.run(code("print('WARNING x'); print('Ready')", tmp_path, noise="^WARNING"))

    assert capsys.readouterr().out == "code     | Ready\n"


def test_a_program_can_be_ready_by_its_own_words(tmp_path, capsys):
    text = "import time; print('now ready.', flush=True); time.sleep(600)"
    with Supervisor() as supervisor:
        supervisor.start(code(text, tmp_path, name="worker", ready_words=r"ready\.$"))

    assert "worker   | now ready." in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_in_the_opposite_order_and_leaves_nothing_running(
    platform, tmp_path, number
):
    supervisor = platform()

    supervisor.send_signal(number)

    assert supervisor.wait(30) == 0
    assert events(tmp_path)[3:] == ["third SIGTERM", "second SIGTERM", "first SIGTERM"]
    until(lambda: processes_in(tmp_path) == [])


def test_ctrl_c_in_the_terminal_reaches_the_children_through_the_supervisor_alone(
    platform, tmp_path
):
    supervisor = platform()

    os.killpg(supervisor.pid, signal.SIGINT)

    assert supervisor.wait(30) == 0
    assert "first SIGINT" not in events(tmp_path)


def test_children_of_a_killed_supervisor_end_by_themselves(platform, tmp_path):
    supervisor = platform()

    supervisor.kill()

    until(lambda: len([e for e in events(tmp_path) if e.endswith("SIGTERM")]) == 3)


def test_what_a_killed_supervisor_left_is_ended_by_the_next(platform, tmp_path):
    supervisor = platform(patience="stays")
    supervisor.kill()
    supervisor.wait()
    assert len(processes_in(tmp_path)) == 6
    record = tmp_path / "children.json"

    leader = psutil.Process(json.loads(record.read_text())[0][0])
    leader.kill()
    until(lambda: not leader.is_running() or leader.status() == psutil.STATUS_ZOMBIE)

    assert end_leftovers(record, patience_s=0.5) == 2
    until(lambda: processes_in(tmp_path) == [])
    assert not record.exists()


def test_a_record_of_ids_that_belong_to_others_by_now_harms_nobody(tmp_path):
    record = tmp_path / "children.json"
    record.write_text(f"[[{os.getpid()}, 1.0]]")

    assert end_leftovers(record) == 0


def test_a_second_signal_does_not_wait_for_the_patient(platform, tmp_path):
    supervisor = platform(patience="stays")

    supervisor.terminate()
    until(lambda: "third SIGTERM" in events(tmp_path))
    supervisor.terminate()

    assert supervisor.wait(10) == 0
    until(lambda: processes_in(tmp_path) == [])


def test_a_supervisor_that_nobody_listens_to_any_more_ends_in_order(platform, tmp_path):
    supervisor = platform()
    supervisor.stdout.close()

    psutil.Process(supervisor.pid).children()[0].kill()

    assert supervisor.wait(30) == 0
    until(lambda: processes_in(tmp_path) == [])


def test_a_crashed_child_is_restarted_after_pauses_that_double(tmp_path, capsys):
    with Supervisor(first_pause_s=0.01) as supervisor, pytest.raises(LocalError) as error:
        supervisor.start(code("raise SystemExit(3)", tmp_path, name="web", is_ready=lambda: False))

    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("web")]
    assert said == [
        "web ended with exit code 3; it starts again in 0.01 s",
        "web ended with exit code 3; it starts again in 0.02 s",
        "web ended with exit code 3; it starts again in 0.04 s",
    ]
    assert str(error.value) == "web did not start; what it said is above."


def test_a_child_that_crashes_after_its_start_is_running_again_soon(platform, tmp_path):
    supervisor = platform()
    old = psutil.Process(supervisor.pid).children()[1]

    old.kill()

    until(lambda: events(tmp_path).count("second start") == 2)
    assert len(psutil.Process(supervisor.pid).children()) == 3
    until(lambda: "second ended with signal SIGKILL" in supervisor.stdout.readline())


def test_a_child_that_ran_well_for_a_while_starts_over_with_the_short_pause(tmp_path, capsys):
    with Supervisor(first_pause_s=0.01, healthy_s=0) as supervisor, pytest.raises(LocalError):
        supervisor.start(
            code("pass", tmp_path, name="web", is_ready=lambda: False, ready_within_s=1)
        )

    pauses = {line.split()[-2] for line in capsys.readouterr().out.splitlines() if "again" in line}
    assert pauses == {"0.01"}


def test_a_child_that_stays_is_killed_when_its_time_is_over(tmp_path, capsys):
    with Supervisor() as supervisor:
        supervisor.start(dummy(tmp_path, "first", patience="stays", stop_within_s=0.2))

    assert events(tmp_path) == ["first start", "first SIGTERM"]
    until(lambda: processes_in(tmp_path) == [])


@pytest.mark.parametrize("is_quiet", [True, False])
def test_a_step_that_fails_is_named_and_what_it_said_is_shown(tmp_path, capsys, is_quiet):
    step = code("raise SystemExit('no table')", tmp_path, name="migrate", is_quiet=is_quiet)
    with Supervisor() as supervisor:
        supervisor.start(dummy(tmp_path, "first"))
        with pytest.raises(LocalError) as error:
            supervisor.run(step)

    assert str(error.value) == "migrate failed; what it said is above."
    assert "migrate  | no table" in capsys.readouterr().out
    until(lambda: processes_in(tmp_path) == [])


def test_the_words_of_a_quiet_step_are_returned_and_not_shown(tmp_path, capsys):
    with Supervisor() as supervisor:
        answer = supervisor.run(code("print('{}')", tmp_path, is_quiet=True))

    assert answer == ["{}"]
    assert capsys.readouterr().out == ""

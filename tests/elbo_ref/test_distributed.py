"""Two processes over gloo: the result of one process, and no result at all once a process is lost."""

import datetime
import math
import multiprocessing
import os
import re
import subprocess
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist

from elbo_ref import distributed as sharded
from elbo_ref import estimators, surgery

pytestmark = pytest.mark.skipif(not dist.is_available(), reason="torch was built without torch.distributed")


def population(dtype, draws=2):
    rng = np.random.default_rng(0)
    mean, std, noise = rng.normal(size=(300, 5)), rng.uniform(0.2, 1.0, (300, 5)), rng.normal(size=(draws, 300, 5))
    return tuple(torch.as_tensor(x, dtype=dtype) for x in (mean, std, noise))


def shard(rank, mean, std, noise):
    rows = slice(0, 110) if rank == 0 else slice(110, None)
    return mean[rows], std[rows], noise[:, rows]


def weights():
    return torch.as_tensor(np.random.default_rng(1).normal(size=(7, 4)) * 30)


def numbers(result):
    return [float(v) for x in result for v in (torch.ravel(torch.stack(x)) if isinstance(x, tuple) else [x])]


def refusal(call):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    return str(caught.value)


def agree(rank):
    """Everything that two healthy processes do, in one pair of them."""
    mean, std, noise = shard(rank, *population(torch.float64))
    narrow = shard(rank, *population(torch.float32))
    mine = weights()[:3] if rank == 0 else weights()[3:]
    index = torch.arange(len(mean))
    empty = torch.full((2, 1), -math.inf, dtype=torch.float64)
    return {
        "surgery": numbers(sharded.sharded_elbo_surgery(mean, std, noise)),
        "float32": numbers(sharded.sharded_elbo_surgery(*narrow)),
        "indexed": numbers(sharded.sharded_elbo_surgery(mean, std, noise[0], index=index)),
        "total": numbers(sharded.sharded_total_correlation(mean[:, :2], std[:, :2], noise[..., :2])),
        "iwae": sharded.sharded_iwae_bound(mine).tolist(),
        "iwae_last_axis": sharded.sharded_iwae_bound(mine.T, axis=-1).tolist(),
        "empty": float(sharded.sharded_iwae_bound(empty)[0]),
        "narrow": refusal(
            lambda: sharded.sharded_elbo_surgery(mean[:, : 2 + rank], std[:, : 2 + rank], noise[..., : 2 + rank])
        ),
        "draws": refusal(lambda: sharded.sharded_elbo_surgery(mean, std, noise[: 1 + rank])),
        "negative": refusal(lambda: sharded.sharded_elbo_surgery(mean, std * (1 - 2 * rank), noise)),
        "nan": refusal(lambda: sharded.sharded_iwae_bound(mine * (math.nan if rank else 1))),
        "gradient": refusal(lambda: sharded.sharded_iwae_bound(mine.clone().requires_grad_())),
        "array": refusal(lambda: sharded.sharded_iwae_bound(mine.numpy())),
    }


def die(rank):
    """Process 1 ends in the middle of its turn."""
    turns = sharded.Group.turns

    def ending(self, rows):
        for number, chunk in enumerate(turns(self, rows)):
            if self.rank == 1 and number == 1:
                os._exit(3)
            yield chunk

    sharded.Group.turns = ending
    return numbers(sharded.sharded_elbo_surgery(*shard(rank, *population(torch.float64))))


def hang(rank):
    """Process 1 never joins."""
    if rank == 1:
        time.sleep(30)
        os._exit(4)
    return numbers(sharded.sharded_elbo_surgery(*shard(rank, *population(torch.float64))))


def work(task, rank, folder, seconds):
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    dist.init_process_group(
        "gloo",
        init_method=f"file://{folder}/store",
        rank=rank,
        world_size=2,
        timeout=datetime.timedelta(seconds=seconds),
    )
    try:
        torch.save(task(rank), folder / f"result{rank}.pt")
    except BaseException:
        (folder / f"error{rank}.txt").write_text(traceback.format_exc(), encoding="utf-8")
        raise
    dist.destroy_process_group()


def run(task, folder, seconds=60):
    """Run the task in two processes; return their exit codes."""
    context = multiprocessing.get_context("forkserver")  # which imports torch once for all processes
    context.set_forkserver_preload(["torch", "torch.distributed"])
    processes = [context.Process(target=work, args=(task, rank, folder, seconds)) for rank in (0, 1)]
    for process in processes:
        process.start()
    processes[0].join(120)
    if task is hang:
        processes[1].kill()
    processes[1].join(120)
    return [process.exitcode for process in processes]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("healthy")
    assert run(agree, folder) == [0, 0], [x.read_text(encoding="utf-8") for x in folder.glob("error*")]
    return [torch.load(folder / f"result{rank}.pt") for rank in (0, 1)]


def test_two_processes_give_the_result_of_one(healthy):
    mean, std, noise = population(torch.float64)
    alone = {
        "surgery": (numbers(surgery.elbo_surgery(mean, std, noise)), 1e-12),
        "float32": (numbers(surgery.elbo_surgery(*population(torch.float32))), 1e-5),
        "indexed": (numbers(surgery.elbo_surgery(mean, std, noise[0])), 1e-12),
        "total": (numbers(surgery.total_correlation(mean[:, :2], std[:, :2], noise[..., :2])), 1e-12),
        "iwae": (estimators.iwae_bound(weights()).tolist(), 1e-12),
        "iwae_last_axis": (estimators.iwae_bound(weights()).tolist(), 1e-12),
    }
    for name, (expected, tolerance) in alone.items():
        for result in healthy:
            assert np.allclose(result[name], expected, rtol=tolerance, atol=tolerance), name
    for name in alone:
        assert healthy[0][name] == healthy[1][name], name
    assert healthy[0]["empty"] == -math.inf


def test_what_one_process_refuses_all_refuse(healthy):
    first, second = healthy
    assert first["narrow"] == "all processes must have the same dimensions, got 2 on process 0 and 3 on process 1"
    assert second["draws"].startswith("all processes must have the same draws for each encoder, got 2 on process 1")
    assert first["negative"].startswith("process 1 refused its arguments: std must be finite and > 0")
    assert second["negative"].startswith("std must be finite and > 0")
    assert first["nan"].startswith("process 1 refused its arguments: log_weights")
    assert "must not require a gradient" in first["gradient"]
    assert first["array"] == "log_weights must be a torch tensor to be shared among processes, got ndarray"


@pytest.mark.parametrize(("task", "seconds", "ended"), [(die, 60, 3), (hang, 3, -9)])
def test_a_lost_process_ends_the_job_without_a_number(task, seconds, ended, tmp_path):
    assert run(task, tmp_path, seconds) == [1, ended]
    assert "LostProcess: process 0 of 2 lost another one, so there is no result" in (tmp_path / "error0.txt").read_text(
        encoding="utf-8"
    )
    assert not list(tmp_path.glob("result*"))


def example():
    """The program on the page, and the line that it prints."""
    page = (Path(__file__).parents[2] / "docs/reference/distributed.md").read_text(encoding="utf-8")
    (printed,) = re.findall(r"^\$ torchrun --nproc-per-node 2 surgery.py\n(.*)$", page, re.MULTILINE)
    return re.search(r'```python title="surgery.py"\n(.*?)```', page, re.DOTALL)[1], printed


def test_the_example_of_its_page(tmp_path):
    script, printed = example()
    (tmp_path / "surgery.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "surgery.py"]
    job = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, encoding="utf-8", timeout=120)
    assert job.returncode == 0, job.stderr
    assert job.stdout.strip() == printed


THREADS = """
from pathlib import Path
names = [(thread / "comm").read_text(encoding="utf-8") for thread in Path("/proc/self/task").iterdir()]
print(sum("gloo" in name for name in names))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted as Linux shows them")
def test_the_example_leaves_no_thread_of_gloo():
    """One that is left aborts the interpreter at its exit, now and then."""
    script, _ = example()
    alone = 'dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)'
    program = script.replace('dist.init_process_group("gloo")', alone) + THREADS
    assert alone in program
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "0"


def test_a_group_must_exist():
    with pytest.raises(RuntimeError, match=r"call torch\.distributed\.init_process_group"):
        sharded.sharded_iwae_bound(weights())

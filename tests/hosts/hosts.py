#!/usr/bin/env python3
"""Trains across two and three hosts, which are network namespaces of this machine, and cuts one of them off.

    python3 tests/hosts/hosts.py --sift build/bin/sift

Needs root and iproute2. Ends with status 77 and says why where it cannot create network namespaces, and with 1 at the
first run that is not as the same number of processes on one host, or that does not end as it should.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from network import Network, Unavailable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))
from support import Failure, Run, require, require_finished, require_same, scratch_parent  # noqa: E402
from together import MOST_SECONDS, Watched  # noqa: E402

SKIPPED = 77
STEPS = 40


class Hosts:
    """Runs of `each` processes on every host of a network."""

    def __init__(self, network, each, sift, folder):
        self.network, self.each, self.sift, self.folder = network, each, sift, folder / f"{network.number}-hosts"
        self.size = network.number * each
        alone = self.new_run("alone")
        code, err = alone.run()
        require_finished(code, err, f"{self.size} processes of one host")
        self.expected = alone.result()
        self.run = self.new_run("together")

    def new_run(self, name):
        return Run(self.sift, self.folder / name, max_steps=STEPS, processes=self.size)

    def start(self, *arguments):
        """One launcher on each host, the last one first: none needs another to be there."""
        environment = dict(os.environ, OMP_NUM_THREADS="1", SIFT_CACHE=str(self.run.folder / "cache"))
        started = {}
        for host in reversed(range(self.network.number)):
            command = [self.sift, "launch", "--nproc-per-node", str(self.each), "--nnodes", str(self.network.number),
                       "--node-rank", str(host), "--master-addr", self.network.address(0), "train", str(self.run.config)]
            started[host] = Watched(subprocess.Popen(
                self.network.command(host, *command, *arguments), env=environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True))
        return [started[host] for host in range(self.network.number)]

    def finish(self, what, *arguments):
        launchers = self.start(*arguments)
        for host, launcher in enumerate(launchers):
            launcher.process.wait(timeout=300)
            launcher.reader.join()
            require_finished(launcher.process.returncode, launcher.text(), f"{what}, host {host + 1}")
        require_same(self.run, self.expected, what)

    def cut_off(self, host):
        """The cable of a host breaks in the middle of a run. Returns the seconds to the end of all processes."""
        self.run.clear()
        launchers = self.start()
        for launcher in launchers:
            launcher.ranks(self.each)
        middle = launchers[0].wait_for(f" step {STEPS // 2 + 1}/", f" step {STEPS // 2}/", f" step {STEPS // 2 - 1}/")
        require(middle, f"the run that was to be cut off:\n{launchers[0].text()}")
        self.network.connect(host, False)
        start = time.monotonic()
        for number, launcher in enumerate(launchers):
            code = launcher.end(f"a partition, host {number + 1}")
            require(code == 1, f"a partition: host {number + 1} ended with status {code}\n{launcher.text()}")
        seconds = time.monotonic() - start
        require(seconds <= MOST_SECONDS, f"a partition: {seconds:.1f} s to the end of all processes")
        self.check_errors(launchers, host)
        self.network.connect(host, True)
        return seconds

    def check_errors(self, launchers, lost):
        """One error on each side, which names a process of the other side."""
        sides = {True: launchers[lost].errors(),
                 False: [error for host, one in enumerate(launchers) if host != lost for error in one.errors()]}
        for is_lost, errors in sides.items():
            text = "\n".join(one.text() for one in launchers)
            require(len(errors) == 1, f"a partition: {len(errors)} errors on a side\n{text}")
            far = "host1" if is_lost else f"host{lost + 1}"
            named = re.match(rf"sift: rank \d+ of {self.size} on {far} \(process \d+\), at step \d+: ", errors[0])
            require(named, f"a partition: rank, host and step of the other side are not named\n{text}")


def test(number, each, arguments, folder):
    with Network(number) as network:
        hosts = Hosts(network, each, arguments.sift, folder)
        start = time.monotonic()
        hosts.finish(f"{number} hosts")
        print(f"{number} hosts, {each} processes each ({network.link}): the run of one host, "
              f"{time.monotonic() - start:.0f} s", flush=True)
        seconds = hosts.cut_off(number - 1)
        hosts.finish("after a partition", "--resume")
        print(f"{number} hosts, the last one cut off: one error on each side, all ended in {seconds:.0f} s; resumed to the "
              "identical result", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sift", required=True)
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="sift-hosts-", dir=scratch_parent()) as folder:
            test(2, 2, arguments, pathlib.Path(folder))
            test(3, 1, arguments, pathlib.Path(folder))
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

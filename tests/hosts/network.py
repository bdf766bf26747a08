"""Hosts on one machine: network namespaces, each with a cable (veth) to a bridge that has a namespace of its own."""

import os
import shutil
import subprocess

DELAY, RATE = "2ms", "200mbit"
NAME_AND_RUN = 'echo "$1" >/proc/sys/kernel/hostname && shift && exec "$@"'


class Unavailable(Exception):
    """Network namespaces cannot be created here; the message says why."""


class Network:
    """`number` hosts, host1 at 10.77.0.1 and so on, until the end of a with block. Nothing outside its namespaces changes."""

    def __init__(self, number):
        self.number = number
        self.switch = f"sift-{os.getpid()}-switch"
        self.spaces = [f"sift-{os.getpid()}-host{n}" for n in range(1, number + 1)]

    def __enter__(self):
        for tool in ("ip", "tc", "unshare"):
            if shutil.which(tool) is None:
                raise Unavailable(f"{tool} is not installed (Debian packages iproute2, util-linux)")
        try:
            self.build()
        except Unavailable:
            self.__exit__()
            raise
        return self

    def build(self):
        self.ip("netns", "add", self.switch)
        self.ip("-n", self.switch, "link", "add", "bridge", "type", "bridge")
        self.ip("-n", self.switch, "link", "set", "bridge", "up")
        for host, space in enumerate(self.spaces):
            self.ip("netns", "add", space)
            self.ip("-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", f"port{host}", "netns", self.switch)
            self.ip("-n", space, "address", "add", f"{self.address(host)}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                self.ip("-n", space, "link", "set", link, "up")
            self.ip("-n", self.switch, "link", "set", f"port{host}", "master", "bridge", "up")
        self.link = self.slow_down()

    def slow_down(self):
        """Gives each cable a latency and a rate; without netem in the kernel, only a rate. Returns which."""
        netem, tbf = ["netem", "delay", DELAY, "rate", RATE], ["tbf", "rate", RATE, "burst", "64kb", "latency", "100ms"]
        try:
            self.shape(netem)
            return f"{DELAY} and {RATE} each way"
        except Unavailable:
            self.shape(tbf)
            return f"{RATE} each way; no latency, since this kernel lacks netem"

    def shape(self, qdisc):
        for space in self.spaces:
            self.run("tc", "-n", space, "qdisc", "add", "dev", "eth0", "root", *qdisc)

    def __exit__(self, *_):
        for space in (*self.spaces, self.switch):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)

    def address(self, host):
        return f"10.77.0.{host + 1}"

    def command(self, host, *words):
        """What runs `words` on a host, from 0."""
        return ["ip", "netns", "exec", self.spaces[host], "unshare", "--uts", "sh", "-c", NAME_AND_RUN, "sh",
                f"host{host + 1}", *words]

    def connect(self, host, is_connected):
        self.ip("-n", self.switch, "link", "set", f"port{host}", "up" if is_connected else "down")

    def ip(self, *arguments):
        self.run("ip", *arguments)

    def run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unavailable(f"{' '.join(command)}: {done.stderr.strip()}")

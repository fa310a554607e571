"""OpenSearch nodes on loopback for the tests: real server processes with their ports and data in a temporary folder, each
stopped by its own process id."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

#: Where `scripts/opensearch-test` has unpacked the server, and the Java that runs it.
HOME_VARIABLE, JAVA_VARIABLE = "LAWSEARCH_TEST_OPENSEARCH", "LAWSEARCH_TEST_JAVA"
_HEAP = "-Xms512m -Xmx512m"
#: The server refuses to run as root.
_ORDINARY_USER = "nobody"


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Node:
    """One server process."""

    def __init__(self, number: int, home: Path, java: Path, folder: Path) -> None:
        self.name = f"node{number}"
        self.port, self.transport = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._home, self._java, self._folder = home, java, folder / self.name
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, nodes: list[Node]) -> None:
        """Write the configuration of a node that forms a cluster with ``nodes``."""
        for sub in ("config", "data", "logs", "tmp"):
            (self._folder / sub).mkdir(parents=True, exist_ok=True)
        config = self._folder / "config"
        shutil.copy(self._home / "config" / "log4j2.properties", config)
        # Nothing that the server comes with may point into its own folder, which is not the node's to write to.
        options = (self._home / "config" / "jvm.options").read_text("utf-8")
        options = options.replace("agent/opensearch-agent.jar", str(self._home / "agent" / "opensearch-agent.jar"))
        kept = [line for line in options.splitlines() if not any(x in line for x in ("logs/", "HeapDump", "-Xms", "-Xmx"))]
        (config / "jvm.options").write_text("\n".join(kept) + "\n", "utf-8")
        settings: dict[str, Any] = {
            "cluster.name": "lawsearch-test",
            "node.name": self.name,
            "node.processors": 1,
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._folder / "logs"),
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": self.transport,
            "discovery.seed_hosts": [f"127.0.0.1:{n.transport}" for n in nodes],
            "cluster.initial_cluster_manager_nodes": [n.name for n in nodes],
            "cluster.routing.allocation.disk.threshold_enabled": False,
        }
        (config / "opensearch.yml").write_text("".join(f"{k}: {json.dumps(v)}\n" for k, v in settings.items()))

    def start(self) -> None:
        """Start the process (it answers some time later)."""
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam(_ORDINARY_USER)
            who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self._folder),
            "OPENSEARCH_JAVA_HOME": str(self._java),
            "OPENSEARCH_JAVA_OPTS": _HEAP,
            "OPENSEARCH_PATH_CONF": str(self._folder / "config"),
            "OPENSEARCH_TMPDIR": str(self._folder / "tmp"),
        }
        with (self._folder / "logs" / "console").open("ab") as console:
            self._process = subprocess.Popen(
                ["nice", "-n", "2", str(self._home / "bin" / "opensearch")],
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **who,
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._end(signal.SIGKILL, 30)

    def stop(self) -> None:
        """Ask the process to end, and see that it does."""
        try:
            self._end(signal.SIGTERM, 60)
        except subprocess.TimeoutExpired:
            self.kill()

    def pause(self) -> None:
        """Let the process do nothing until `resume`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals, patience: float) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(how)
            self._process.wait(patience)
            self._process = None

    def tail(self) -> str:
        """The last lines that the process wrote."""
        return (self._folder / "logs" / "console").read_text("utf-8", "replace")[-3000:]


class Nodes:
    """A cluster of nodes, started together."""

    def __init__(self, folder: Path, count: int = 3) -> None:
        home, java = Path(os.environ[HOME_VARIABLE]), Path(os.environ[JAVA_VARIABLE])
        folder.chmod(0o755)
        self.nodes = [Node(i, home, java, folder) for i in range(count)]
        for node in self.nodes:
            node.configure(self.nodes)

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def start(self, patience: float = 300.0) -> None:
        """Start all nodes, and wait until they have found one another."""
        for node in self.nodes:
            if not node.running:
                node.start()
        self.wait("green", nodes=len(self.nodes), patience=patience)

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def health(self) -> dict[str, Any] | None:
        """What a node that runs says of the cluster's health; None where none answers."""
        for node in self.nodes:
            if node.running:
                try:
                    with urllib.request.urlopen(f"{node.url}/_cluster/health?timeout=5s", timeout=10) as answer:
                        found: dict[str, Any] = json.load(answer)
                        return found
                except (OSError, urllib.error.URLError, ValueError):
                    continue
        return None

    def wait(self, status: str, *, nodes: int | None = None, patience: float = 180.0) -> None:
        """Wait for a health of ``status`` with so many nodes. Raises TimeoutError with what a node said last."""
        end = time.monotonic() + patience
        last: dict[str, Any] | None = None
        while time.monotonic() < end:
            last = self.health()
            if last is not None and last["status"] == status and nodes in (None, last["number_of_nodes"]):
                return
            if last is None and not any(node.running for node in self.nodes):
                break
            time.sleep(0.5)
        said = "\n".join(node.tail() for node in self.nodes)
        raise TimeoutError(f"no {status} cluster of {nodes} nodes within {patience:.0f} s: {last}\n{said}")

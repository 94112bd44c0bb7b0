"""`serve`: the web server and the worker side by side, as one thing that starts and stops."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from waitlist.cli.printing import note
from waitlist.cli.setting_up import set_up_link
from waitlist.cli.shape import top
from waitlist.runtime import runtime

LOOKS_EVERY = 0.2  # seconds between two looks at the children
GRACE = 20.0  # seconds that a child may take to finish what it has begun
PACKAGE_HOME = Path(__file__).parents[2]


@dataclass(frozen=True)
class Child:
    """One process of the service, by the name that people are told."""

    name: str
    process: subprocess.Popen[bytes]


@top.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Run the worker too.")
def serve(host: str, worker: bool) -> None:
    """Serve the pages and send the mails until Ctrl-C or SIGTERM. The port comes from PORT."""
    settings = runtime().settings
    _check_port(host, settings.port)
    link = set_up_link()
    click.echo(f"Set up: {link}" if link else f"Serving {settings.base_url}")
    stop = _asked_to_stop()
    children = [Child("web server", _start(_web(host)))]
    if worker:
        children.append(Child("worker", _start([sys.executable, "-m", "flask", "--app", "waitlist", "worker"])))
    dead = _watch(children, stop)
    for child in children:
        _end(child)
    if dead is not None:
        raise click.ClickException(f"The {dead.name} ended by itself (code {dead.process.returncode}); see above.")
    note("Stopped.")


def _web(host: str) -> list[str]:
    settings = runtime().settings
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": settings.port,
        "--workers": settings.processes,
        "--blocking-threads": settings.threads,
        "--workers-kill-timeout": int(GRACE / 2),
        "--log-level": "error",
    }
    flat = [str(part) for pair in options.items() for part in pair]
    return [sys.executable, "-m", "granian", *flat, "--respawn-failed-workers", "--factory", "waitlist:create_app"]


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Nothing can listen at {host} port {port} ({error.strerror}). Set PORT to another one."
            ) from error


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # In this process group, so that one Ctrl-C reaches everybody; finding the same package as this process.
    paths = [str(PACKAGE_HOME), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command


def _asked_to_stop() -> threading.Event:
    stop = threading.Event()

    def heard(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, heard)
    signal.signal(signal.SIGTERM, heard)
    return stop


def _watch(children: Sequence[Child], stop: threading.Event) -> Child | None:
    """Wait until somebody asks to stop (None) or a child ends by itself (that one)."""
    while not stop.wait(LOOKS_EVERY):
        for child in children:
            if child.process.poll() is not None:
                # Ctrl-C reaches the children at the same moment; only an end that nobody asked for counts.
                return None if stop.wait(LOOKS_EVERY) else child
    return None


def _end(child: Child) -> None:
    if child.process.poll() is None:
        child.process.terminate()
    try:
        child.process.wait(GRACE)
    except subprocess.TimeoutExpired:
        note(f"The {child.name} did not stop in {GRACE:.0f} seconds and was killed.")
        child.process.kill()
        child.process.wait()

"""What the bench consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from bench.measuring import Figure


@dataclass(frozen=True)
class Case:
    """One module's measurements, at these sizes of a launch; `changes`: on a copy of the installation.

    `more` are sizes that are measured only when everything is asked for.
    """

    name: str
    measure: Callable[[Flask, dict[str, str]], list[Figure]]
    sizes: tuple[int, ...]
    changes: bool = False
    more: tuple[int, ...] = ()

"""Each launch's name and contact in a file: an error page keeps its face while the database is away."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "branding.json"


@dataclass(frozen=True)
class Branding:
    """What an error page shows of a launch."""

    slug: str
    name: str
    contact_email: str | None = None


def remember(folder: Path, branding: Branding) -> None:
    """Write a launch's branding into the snapshot; a reader never sees half a file."""
    known = _read(folder) | {branding.slug: asdict(branding)}
    draft = folder / f".{FILE}.{secrets.token_hex(4)}"
    draft.write_text(json.dumps(known, ensure_ascii=False, indent=1))
    draft.replace(folder / FILE)


def recall(folder: Path, slug: str) -> Branding | None:
    """A launch's branding as of its last save, or None."""
    found = _read(folder).get(slug)
    return Branding(**found) if found else None


def _read(folder: Path) -> dict[str, dict[str, str]]:
    try:
        known: dict[str, dict[str, str]] = json.loads((folder / FILE).read_text())
    except (OSError, ValueError):
        return {}  # a snapshot may be missing; the page then has a plain face
    return known

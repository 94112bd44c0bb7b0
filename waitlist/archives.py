"""Archives: one file that holds a whole installation; its table of contents says what it is and whether keys are in."""

import io
import json
import os
import tarfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CONTENTS = "contents.json"
FORM = 1


class BadArchive(ValueError):
    """Not a backup of ours, or one of a later form."""


@dataclass(frozen=True)
class Contents:
    """What an archive says of itself. `fingerprint` names the pepper that its rows were made with."""

    engine: str
    revision: str
    made_at: str
    fingerprint: str
    keys: bool
    kept: dict[str, Any] = field(default_factory=dict)
    form: int = FORM


def pack(path: Path, contents: Contents, folder: Path) -> None:
    """Write the files of `folder` into one archive, readable by its owner alone; half an archive is never seen."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
            words = json.dumps(asdict(contents), indent=1).encode()
            entry = tarfile.TarInfo(CONTENTS)
            entry.size, entry.mode = len(words), 0o600
            tar.addfile(entry, io.BytesIO(words))
            for file in sorted(folder.iterdir()):
                tar.add(file, file.name)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def unpack(path: Path, folder: Path) -> Contents:
    """Write an archive's files into `folder`; raises BadArchive."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            tar.extractall(folder, filter="data")
        said = json.loads((folder / CONTENTS).read_text())
        if said["form"] != FORM:
            raise BadArchive(path.name)
        return Contents(**said)
    except (tarfile.TarError, OSError, KeyError, TypeError, ValueError) as error:
        raise BadArchive(path.name) from error

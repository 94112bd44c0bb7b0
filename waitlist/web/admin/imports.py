"""Import and export: the files that came into a waitlist, one that comes in now, and what leaves it."""

import hashlib
import io
from pathlib import PurePath

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, codes, envelopes
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import admins, imports
from waitlist.runtime import runtime
from waitlist.services import uploading
from waitlist.services.importing import Upload
from waitlist.tables import BadTable, Table
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.wording import say

blueprint = Blueprint("admin_imports", __name__, url_prefix="/admin/w/<slug>/imports")
LARGEST = 20  # megabytes of a file; a command takes larger ones
MEGABYTE = 1024 * 1024


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def files(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """What was imported, and the forms for what comes in and goes out."""
    return files_page()


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN, largest=3 * LARGEST * MEGABYTE)
def upload(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Takes a file, keeps it encrypted, and asks for its columns."""
    fields = Fields()
    name, content = _sent(fields)
    if fields.errors:
        return files_page(fields.errors)
    public_id = codes.random_id("imp")
    described = Upload(name, hashlib.sha256(content).hexdigest())
    parts = list(envelopes.close_file(runtime().sealing_key, public_id, io.BytesIO(content)))

    def act(tx: Tx) -> dict[str, str]:
        launch, actor = this_launch(), desk().actor
        uploading.receive(tx, launch, public_id, described, parts, actor=actor, now=clock.now())
        return {"import": public_id}

    return back("admin_import.run", import_id=pressed("upload", act)["import"])


def files_page(errors: Errors = ()) -> ResponseReturnValue:
    """The list, with what was wrong with a form on it."""
    with reading() as rx:
        runs = imports.of_launch(rx, this_launch().id)
        doers = admins.names(rx)
    return admin_page(
        "admin/imports.html",
        status=422 if errors else 200,
        errors=errors,
        runs=runs,
        names=doers,
        largest=LARGEST,
        typed=request.form,
    )


def _sent(fields: Fields) -> tuple[str, bytes]:
    """The name and the bytes of the file that was sent, if it is a table."""
    sent = request.files.get("file")
    content = sent.stream.read(LARGEST * MEGABYTE + 1) if sent is not None else b""
    if not content:
        fields.wrong("file", gettext("Select a file"))
    elif len(content) > LARGEST * MEGABYTE:
        fields.wrong("file", gettext("The file is larger than %(most)s MB. Import it by command.", most=LARGEST))
    else:
        try:
            Table(io.BytesIO(content[: envelopes.PART]))
        except BadTable as refused:
            fields.wrong("file", say(refused.code, refused.params))
    name = PurePath((sent.filename or "").replace("\\", "/")).name if sent is not None else ""
    return "".join(letter for letter in name if letter.isprintable())[:200] or "file.csv", content

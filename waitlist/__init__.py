"""Waitlist: an invite and referral waitlist service. `create_app` puts it together; nobody imports from here."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask_migrate import Migrate

from waitlist import api, cli, i18n, logs, mailer, models, web
from waitlist import db as database
from waitlist.config import BadSetting, read_settings, sources, unknown_settings
from waitlist.runtime import Runtime
from waitlist.secret_files import load_or_create
from waitlist.tokens import Tokens

__all__ = ["create_app"]

HERE = Path(__file__).parent
# A checkout keeps templates and static files at its top; a wheel carries them inside the package.
HOME = HERE if (HERE / "templates").is_dir() else HERE.parent


class WaitlistApp(APIFlask):
    """The WSGI app: a whole request runs again when its transaction met another one."""

    def dispatch_request(self) -> Any:
        return database.retried(super().dispatch_request)


def create_app(environ: Mapping[str, str] | None = None) -> WaitlistApp:
    """The app for these environment variables (the process's own by default).

    Raises SystemExit with one sentence when a setting cannot be used.
    """
    environ = os.environ if environ is None else environ
    try:
        settings = read_settings(environ, root=Path.cwd() if HOME == HERE else HOME)
    except BadSetting as error:
        raise SystemExit(str(error)) from error
    for sentence in unknown_settings(environ):
        print(sentence, file=sys.stderr)  # noqa: T201 - logging is not set up yet
    app = WaitlistApp(
        "waitlist",
        title="Waitlist",
        docs_path=None,
        json_errors=False,
        spec_path="/api/openapi.json",
        template_folder=str(HOME / "templates"),
        static_folder=str(HOME / "static"),
        instance_path=str(settings.instance),
    )
    logs.init_logs(as_json=settings.log_json)
    secrets = load_or_create(settings.instance)
    app.extensions["waitlist"] = Runtime(settings, secrets, Tokens(secrets.signing), sources(environ))
    app.config["SECRET_KEY"] = secrets.subkey("flask").hex()
    app.config["TRUSTED_HOSTS"] = settings.hosts
    database.configure(app, settings.database_url)
    Migrate(app, database.db, directory=str(HERE / "migrations"), render_as_batch=True, compare_type=True)
    mailer.init_mailer(app, settings)
    i18n.init_i18n(app, app.extensions["waitlist"].tokens)
    web.register(app)
    api.register(app)
    cli.register(app)
    return app


assert models  # the tables are known to the metadata from here on

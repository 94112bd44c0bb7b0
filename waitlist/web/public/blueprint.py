"""The blueprint of the public pages; each module beside this one adds its doors."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

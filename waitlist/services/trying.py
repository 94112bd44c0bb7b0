"""Trying: the mail of a wave goes to the admin who asks for it, marked as a test, before anybody else gets it."""

from datetime import datetime

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.services import posting
from waitlist.services.posting import To
from waitlist.services.recording import record


def send_test(tx: Tx, launch: Launch, wave: Wave, to: To, name: str, *, actor: Actor, now: datetime) -> None:
    """Queue one invite mail that invites nobody: no row stands behind its link and its code."""
    offer = wave.params["offer"]
    params = {"name": name, "days": offer["days"], "allowance": offer["allowance"]}
    params |= {"lapse_policy": offer["lapse_policy"]}
    about = {"launch_id": launch.id}
    posting.enqueue(tx, "wave_test", codes.random_id("tst"), to, now, about=about, params=params)
    record(tx, "releasing.tried", launch.id, ("wave", wave.id), actor, now)

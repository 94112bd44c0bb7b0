"""Delivering: one chunk of a wave turns into invites, in a transaction of its own; a crash doubles nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist import catalogues, codes, failpoints
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.condition import circumstances
from waitlist.models.entry import Entry, State, locked_in_order
from waitlist.models.event import Event
from waitlist.models.experiment import split_in_force
from waitlist.models.hold import stage_hold
from waitlist.models.invite import Admission, AdmissionState, Invite, InviteSource
from waitlist.models.launch import Launch, locked
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.services import alerting, posting, ranking, seating, splitting, windowing
from waitlist.services.cutting import unfit
from waitlist.services.gathering import Audience
from waitlist.services.inviting import Keys
from waitlist.services.ranking import Change
from waitlist.services.recording import record
from waitlist.services.releasing import timing_of
from waitlist.services.shelving import is_archived

CHUNK = 500


def deliver_chunk(tx: Tx, launch: Launch, wave_id: int, *, keys: Keys, actor: Actor, now: datetime) -> bool:
    """Invite the next people of a releasing wave, skipping who no longer fits; says whether more are left.

    Each person is invited in the transaction that also writes the invite, the admission and the mail.
    """
    tx.execute(locked(launch.id))
    if is_archived(tx, launch) or circumstances(tx, launch, now).holds_effect("admit"):
        return False  # the wave stays where it is, and goes on when the hold is over
    if windowing.puts_off(tx, launch.id, wave_id, now):
        return False
    seating.lock(tx, launch.id)
    wave = one(tx, sa.select(Wave).where(Wave.id == wave_id).with_for_update(key_share=True))
    if wave is None or wave.state != WaveState.RELEASING or one(tx, stage_hold(wave.stage_id)) is not None:
        return False
    room = _room(tx, launch, wave, now)
    members = _next_members(tx, wave_id, room)
    people = _locked_people(tx, [member.entry_id for member in members])
    audience = Audience.from_json(wave.params["audience"])
    reasons = unfit(tx, launch, people, audience, now)
    chosen = [person for person in people if person.id not in reasons]
    _skip(tx, launch, wave, reasons)
    if chosen:
        _invite(tx, launch, wave, chosen, keys=keys, actor=actor, now=now)
    more = len(members) == room
    if not more:
        _finish(tx, launch, wave, actor=actor, now=now)
    failpoints.reached("release.before_commit")
    return more and room == CHUNK


def _room(tx: Tx, launch: Launch, wave: Wave, now: datetime) -> int:
    """How many people may be invited now; a wave with a pace or quiet hours notes when it goes on."""
    timing = timing_of(wave.params)
    if not timing.waits:
        return CHUNK
    due_at = timing.not_before(max(wave.due_at or now, now), launch.tz)
    room, goes_on = (0, due_at) if due_at > now else timing.room(wave.due_at or now, now)
    if room is not None:
        next_at = timing.not_before(goes_on, launch.tz)
        tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(due_at=next_at))
    return CHUNK if room is None else min(room, CHUNK)


def _next_members(tx: Tx, wave_id: int, room: int) -> Sequence[WaveMember]:
    return some(
        tx,
        sa.select(WaveMember)
        .where(WaveMember.wave_id == wave_id, WaveMember.outcome == "planned")
        .order_by(WaveMember.position)
        .limit(room),
    )


def _locked_people(tx: Tx, ids: list[int]) -> list[Entry]:
    """The entries in the order of the cut."""
    found = {person.id: person for person in some(tx, locked_in_order(ids))}
    return [found[entry_id] for entry_id in ids]


def _skip(tx: Tx, launch: Launch, wave: Wave, reasons: dict[int, str]) -> None:
    if not reasons:
        return
    tx.execute(
        sa.update(WaveMember)
        .where(
            WaveMember.wave_id == sa.bindparam("of_wave"),
            WaveMember.entry_id == sa.bindparam("of_entry"),
            WaveMember.outcome == "planned",
        )
        .values(outcome="skipped", reason=sa.bindparam("why")),
        [{"of_wave": wave.id, "of_entry": entry_id, "why": reason} for entry_id, reason in reasons.items()],
    )
    seating.give_back(tx, launch.id, len(reasons))
    tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(skipped=Wave.skipped + len(reasons)))


def _invite(
    tx: Tx, launch: Launch, wave: Wave, people: list[Entry], *, keys: Keys, actor: Actor, now: datetime
) -> None:
    offer = wave.params["offer"]
    expires_at = now + timedelta(days=offer["days"])
    invites = _insert_invites(tx, launch, wave, people, keys=keys, expires_at=expires_at, actor=actor, now=now)
    _leave_lines(tx, people, actor=actor, now=now)
    _offer(tx, launch, wave, people, invites, expires_at=expires_at, actor=actor, now=now)
    _write_mails(tx, launch, wave, people, invites, now=now)
    tx.execute(
        sa.update(WaveMember)
        .where(WaveMember.wave_id == sa.bindparam("of_wave"), WaveMember.entry_id == sa.bindparam("of_entry"))
        .values(outcome="invited", invite_id=sa.bindparam("by_invite")),
        [{"of_wave": wave.id, "of_entry": person.id, "by_invite": invites[person.id]} for person in people],
    )
    tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(invited=Wave.invited + len(people)))
    _record_all(tx, launch, wave, people, invites, actor=actor, now=now)


def _insert_invites(
    tx: Tx,
    launch: Launch,
    wave: Wave,
    people: list[Entry],
    *,
    keys: Keys,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> dict[int, int]:
    offer = wave.params["offer"]
    offered = {name: offer[name] for name in ("allowance", "lapse_policy", "remind") if name in offer}
    rows = []
    for person in people:
        public_id = codes.random_id("inv")
        symbols = codes.derive_code(keys.codes, public_id, 1)
        rows.append(
            {
                "public_id": public_id,
                "launch_id": launch.id,
                "source": InviteSource.WAVE,
                "entry_id": person.id,
                "wave_id": wave.id,
                "email": person.email,
                "email_key": person.email_key,
                "email_abuse_key": person.email_abuse_key,
                "holds_seat": True,
                **offered,
                "language": _language(person, launch, offer),
                "code_hash": codes.look_up_hash(keys.pepper, symbols),
                "code_end": symbols[-4:],
                "created_at": now,
                "created_by": str(actor),
                "expires_at": expires_at,
                "sent_at": now,
            }
        )
    made = tx.execute(sa.insert(Invite).returning(Invite.entry_id, Invite.id), rows)
    return {row.entry_id: row.id for row in made}


def _language(person: Entry, launch: Launch, offer: dict[str, Any]) -> str:
    known = person.language in catalogues.locales()
    return person.language if known else offer.get("language") or launch.language


def _leave_lines(tx: Tx, people: list[Entry], *, actor: Actor, now: datetime) -> None:
    """Out of the line each of them stands in; selected and listed people may stand in several."""
    tx.execute(
        sa.update(Entry)
        .where(Entry.id.in_([person.id for person in people]))
        .values(state=State.INVITED, state_at=now, state_by=str(actor), owed_at=None)
    )
    gone: dict[int, list[Change]] = {}
    for person in people:
        if person.rank_key is not None and person.state == State.WAITING:
            gone.setdefault(person.line_id, []).append(Change(person.rank_key, person.sequence or 0, -1))
    for line_id, changes in sorted(gone.items()):
        ranking.came_and_went(tx, line_id, changes)


def _offer(
    tx: Tx,
    launch: Launch,
    wave: Wave,
    people: list[Entry],
    invites: dict[int, int],
    *,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    shared = {
        "stage_id": wave.stage_id,
        "wave_id": wave.id,
        "gate_revision": launch.revision,
        "via": "release",
        "state": AdmissionState.OFFERED,
        "seat": True,
        "expires_at": expires_at,
        "state_at": now,
        "state_by": str(actor),
    }
    # An entry whose earlier offer lapsed or was recalled has a row already; it is offered again.
    ids = [person.id for person in people]
    again = set(tx.scalars(sa.select(Admission.entry_id).where(Admission.entry_id.in_(ids))))
    split = one(tx, split_in_force(launch.id))
    arms = {person.id: splitting.by_split(split, person.arm_ticket) for person in people}
    for entry_id in again:
        renewed = sa.update(Admission).where(Admission.entry_id == entry_id)
        tx.execute(renewed.values(invite_id=invites[entry_id], **shared, **splitting.unless_fixed(arms[entry_id])))
    fresh = [
        _first_offer(launch, person, invites[person.id]) | shared | arms[person.id]
        for person in people
        if person.id not in again
    ]
    if fresh:
        tx.execute(sa.insert(Admission), fresh)


def _first_offer(launch: Launch, person: Entry, invite_id: int) -> dict[str, Any]:
    return {
        "public_id": codes.random_id("adm"),
        "launch_id": launch.id,
        "entry_id": person.id,
        "ticket": person.ticket,
        "invite_id": invite_id,
    }


def _write_mails(
    tx: Tx, launch: Launch, wave: Wave, people: list[Entry], invites: dict[int, int], *, now: datetime
) -> None:
    about = {"launch_id": launch.id, "wave_id": wave.id}
    offer = wave.params["offer"]
    mails = [
        posting.Mail(
            f"{invites[person.id]}:1",
            posting.To(person.email, person.email_key, _language(person, launch, offer)),
            about | {"entry_id": person.id, "invite_id": invites[person.id]},
        )
        for person in people
    ]
    posting.enqueue_all(tx, "invite", mails, now)


def _record_all(
    tx: Tx, launch: Launch, wave: Wave, people: list[Entry], invites: dict[int, int], *, actor: Actor, now: datetime
) -> None:
    rows = [
        {
            "public_id": codes.random_id("evt"),
            "launch_id": launch.id,
            "at": now,
            "actor": str(actor),
            "verb": "releasing.invited",
            "subject_kind": "entry",
            "subject_id": person.id,
            "data": {"wave": wave.id, "invite": invites[person.id], "revision": launch.revision},
        }
        for person in people
    ]
    tx.execute(sa.insert(Event), rows)


def _finish(tx: Tx, launch: Launch, wave: Wave, *, actor: Actor, now: datetime) -> None:
    done = one(
        tx,
        sa.update(Wave)
        .where(Wave.id == wave.id, Wave.state == WaveState.RELEASING)
        .values(state=WaveState.DONE, state_at=now, state_by=str(actor), done_at=now)
        .returning(Wave),
    )
    record(tx, "releasing.done", launch.id, ("wave", wave.id), actor, now)
    if done is not None:
        alerting.wave_moved(tx, done, actor=actor, now=now)

"""A small named world to tell sentences about: Alice inside, Bob invited, Carol waiting, Dave on the wrong campus.

    def test_carol_climbs_by_a_friend(world):
        campus = world.launch()                                  # college.edu only, open, no seat limit
        carol = world.waiting(campus, CAROL)                     # joined and confirmed
        world.waiting(campus, "erin@college.edu", by=carol)      # came by Carol's link
        assert world.entry(CAROL).score == 1 and world.place(CAROL) == 1

`world.cast()` makes the four of them at once. Everything is built by the real verbs, each in a transaction of its own,
as a door would. `world.now` is the moment that is handed to them: set it, or move it by `world.later(hours=3)`. It
starts at the real present, so pages and commands, which read the real clock, agree with it; to see them later, say
`with world.clock(): client.get(...)`. For a verb that has no helper here:

    with world.writing() as tx:
        leaving.leave(tx, campus, carol.id, actor=TEAM, now=world.now)

Rows are immutable snapshots; `world.entry(...)`, `world.launch_of(...)` read them again. A person is looked up in the
launch that was made last unless another is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import time_machine
from flask import Flask

from waitlist import addresses, db
from waitlist.actors import WORKER, Actor, admin, person
from waitlist.models.entry import Attempt, Entry, by_address
from waitlist.models.event import Event
from waitlist.models.invite import Admission, Invite, InviteSource
from waitlist.models.launch import Launch, SeatCount
from waitlist.models.message import Message
from waitlist.models.rank import place_of
from waitlist.models.wave import Wave
from waitlist.runtime import Runtime
from waitlist.services import confirming, delivering, inviting, joining, launching, redeeming, releasing, splitting
from waitlist.services.gathering import Audience
from waitlist.services.inviting import Keys
from waitlist.services.joining import Application, Asked

ALICE = "alice@college.edu"  # inside: a member with invites to give
BOB = "bob@college.edu"  # invited, has not accepted yet
CAROL = "carol@college.edu"  # waiting
DAVE = "dave@elsewhere.edu"  # on the wrong campus
TEAM = admin(1)


class World:
    """The people, launches and the clock of one test."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.runtime: Runtime = app.extensions["waitlist"]
        self.keys = Keys(self.runtime.codes_key, self.runtime.secrets.pepper)
        self._launches: list[Launch] = []

    @contextmanager
    def writing(self) -> Iterator[db.Tx]:
        """One transaction, committed at the end, as a door does it."""
        with self.app.app_context(), db.writing() as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[db.Tx]:
        with self.app.app_context(), db.reading() as rx:
            yield rx

    def later(self, **duration: float) -> datetime:
        """Move the clock forward, by the arguments of a timedelta."""
        self.now += timedelta(**duration)
        return self.now

    def clock(self) -> AbstractContextManager[object]:
        """Doors opened inside believe that it is `world.now`."""
        return time_machine.travel(self.now, tick=False)

    # --- launches

    def launch(
        self,
        slug: str = "campus",
        domain: str | None = "college.edu",
        *,
        tree: dict[str, Any] | None = None,
        opens_at: datetime | None = None,
        **columns: Any,
    ) -> Launch:
        """An open launch for one domain, for everybody with `domain=None`, or with a rule tree of its own."""
        rules = {"kind": "everyone"} if domain is None else {"kind": "domain", "domains": [domain]}
        plan = launching.Plan(
            slug=slug,
            name=columns.pop("name", slug.title()),
            preset="campus",
            tree=tree or rules,
            mode=columns.pop("mode", "release"),
            opens_at=opens_at or self.now - timedelta(days=1),
            columns=columns,
        )
        with self.writing() as tx:
            made = launching.create(tx, plan, actor=TEAM, now=self.now)
        self._launches.append(made)
        return made

    def launch_of(self, slug: str = "campus") -> Launch:
        """The launch as it stands now."""
        with self.reading() as rx:
            found = db.one(rx, sa.select(Launch).where(Launch.slug == slug))
        assert found is not None, slug
        return found

    # --- people

    def application(self, launch: Launch, email: str, *, by: Entry | None = None, **fields: Any) -> Application:
        """What a form with this address says, hashed and drawn as the door does it; `by` is whose link was used."""
        address = addresses.canon(email)
        drawn = bytes.fromhex(launch.salt)
        values: dict[str, Any] = {
            "email": address.email,
            "email_key": address.key,
            "domain": address.domain,
            "abuse_key": self.runtime.abuse_key(address),
            "ticket": addresses.ticket(address.mailbox, drawn, "wave"),
            "arm_ticket": addresses.ticket(address.mailbox, drawn, "arm"),
            "language": "en",
            "referral_slug": None if by is None else by.slug,
        }
        return Application(**values | fields)

    def join(self, launch: Launch, email: str, *, by: Entry | None = None, **fields: Any) -> Asked:
        """Ask for a place: an attempt and its mail. The place comes with `confirm`."""
        with self.writing() as tx:
            return joining.join(tx, launch, self.application(launch, email, by=by, **fields), now=self.now)

    def confirm(self, launch: Launch, asked: Asked) -> Entry:
        """Press the button of the mailed link."""
        with self.writing() as tx:
            return self._confirm_in(tx, launch, asked)

    def _confirm_in(self, tx: db.Tx, launch: Launch, asked: Asked) -> Entry:
        actor = person(self._entry_of_attempt(tx, asked.attempt_id).public_id)
        return confirming.confirm(tx, launch, asked.attempt_id, actor=actor, now=self.now).entry

    def waiting(self, launch: Launch, email: str = CAROL, *, by: Entry | None = None, **fields: Any) -> Entry:
        """Somebody who joined and confirmed."""
        return self.confirm(launch, self.join(launch, email, by=by, **fields))

    def waiting_in(self, tx: db.Tx, launch: Launch, email: str, **fields: Any) -> Entry:
        """The same inside a transaction of yours, for the many."""
        asked = joining.join(tx, launch, self.application(launch, email, **fields), now=self.now)
        return self._confirm_in(tx, launch, asked)

    def crowd(self, launch: Launch, n: int, *, prefix: str = "person", domain: str = "college.edu") -> list[Entry]:
        """`n` people in line: person1@college.edu, person2@..., in this order."""
        with self.writing() as tx:
            return [self.waiting_in(tx, launch, f"{prefix}{i}@{domain}") for i in range(1, n + 1)]

    def release(self, launch: Launch, n: int | None = None, *, audience: Audience | None = None, days: int = 7) -> Wave:
        """Invite the first `n` in line (or an audience) right away: confirmed, started and delivered."""
        wave = self.plan_wave(launch, n, audience=audience, days=days)
        self.deliver(launch, wave)
        return self.wave(wave.public_id)

    def plan_wave(
        self,
        launch: Launch,
        n: int | None = None,
        *,
        audience: Audience | None = None,
        days: int = 7,
        hold: timedelta = timedelta(0),
        starts_at: datetime | None = None,
        lapse_policy: str = "keep",
    ) -> Wave:
        """A confirmed wave in its holding window."""
        audience = audience or Audience("first", n=n)
        offer = releasing.Offer(days=days, allowance=launch.allowance, lapse_policy=lapse_policy)
        terms = releasing.Terms(digest=None, hold=hold, starts_at=starts_at)
        with self.writing() as tx:
            return releasing.confirm(tx, launch, audience, offer, terms, actor=TEAM, now=self.now)

    def deliver(self, launch: Launch, wave: Wave) -> None:
        """What the worker does with a wave whose window is over: a step, a commit, a step."""
        with self.writing() as tx:
            releasing.start(tx, launch, wave.id, actor=WORKER, now=self.now)
        more = True
        while more:
            with self.writing() as tx:
                more = delivering.deliver_chunk(tx, launch, wave.id, keys=self.keys, actor=WORKER, now=self.now)

    def invited(self, launch: Launch, email: str = BOB, **order: Any) -> Invite:
        """Somebody with a mailed invite from the team, bound to the address; who waits is found by it."""
        address = addresses.canon(email)
        to = (address.email, address.key, self.runtime.abuse_key(address))
        invite = self.issue(launch, to=to, **order)
        with self.writing() as tx:
            inviting.send(tx, launch, invite, now=self.now)
        return invite

    def issue(self, launch: Launch, *, source: InviteSource = InviteSource.ADMIN, **order: Any) -> Invite:
        """An invite as the verb makes it: a link for `uses` people unless it is bound (`to`)."""
        with self.writing() as tx:
            ordered = inviting.Order(source=source, **order)
            return inviting.issue(tx, launch, ordered, keys=self.keys, actor=TEAM, now=self.now)

    def newcomer(self, launch: Launch, email: str) -> redeeming.Newcomer:
        """A proven mailbox, as the redeeming door hands it on."""
        asked = self.application(launch, email)
        return redeeming.Newcomer(
            email=asked.email,
            email_key=asked.email_key,
            abuse_key=asked.abuse_key,
            domain=asked.domain,
            ticket=asked.ticket,
            arm_ticket=asked.arm_ticket,
            language=asked.language,
        )

    def split(self, launch: Launch, *arms: tuple[str, int]) -> None:
        """Whoever is admitted from now on is split among these arms, by parts per million."""
        with self.writing() as tx:
            splitting.set_arms(tx, launch, arms, actor=TEAM, now=self.now)

    def redeem(self, launch: Launch, invite: Invite, email: str, *, actor: Actor = TEAM) -> redeeming.Redeemed:
        """Accept an invite with a proven mailbox."""
        with self.writing() as tx:
            return redeeming.redeem(tx, launch, invite, self.newcomer(launch, email), actor=actor, now=self.now)

    def member(self, launch: Launch, email: str = ALICE, **order: Any) -> Entry:
        """Somebody inside."""
        self.redeem(launch, self.invited(launch, email, **order), email)
        return self.entry(email, launch)

    def cast(self, launch: Launch | None = None) -> Launch:
        """Alice inside, Bob invited by a wave, Carol waiting, and Dave told no (he has no entry)."""
        launch = launch or self.launch()
        self.member(launch, ALICE)
        self.waiting(launch, BOB)
        self.release(launch, 1)
        self.waiting(launch, CAROL)
        return launch

    # --- what is so now

    def entry(self, email: str, launch: Launch | None = None) -> Entry:
        """The person's row as it stands now; fails where there is none."""
        with self.reading() as rx:
            found = db.one(rx, by_address((launch or self._launches[-1]).id, addresses.canon(email).key))
        assert found is not None, f"nobody with {email}"
        return found

    def place(self, email: str, launch: Launch | None = None) -> int | None:
        """The place 1..N, or None for somebody who is not in line."""
        entry = self.entry(email, launch)
        with self.reading() as rx:
            return place_of(rx, entry.id)

    def invite_of(self, email: str, launch: Launch | None = None) -> Invite:
        """The newest invite bound to an address."""
        launch = launch or self._launches[-1]
        key = addresses.canon(email).key
        found = self._all(Invite, Invite.launch_id == launch.id, Invite.email_key == key)
        assert found, f"no invite for {email}"
        return found[-1]

    def admission(self, email: str, launch: Launch | None = None) -> Admission | None:
        found: Sequence[Admission] = self._all(Admission, Admission.entry_id == self.entry(email, launch).id)
        return found[0] if found else None

    def wave(self, public_id: str) -> Wave:
        found: Sequence[Wave] = self._all(Wave, Wave.public_id == public_id)
        return found[0]

    def seats(self, launch: Launch) -> int:
        """How many seats are held."""
        with self.reading() as rx:
            held = rx.scalar(sa.select(SeatCount.counted).where(SeatCount.launch_id == launch.id))
        assert held is not None
        return held

    def messages(self, kind: str | None = None, to: str | None = None) -> Sequence[Message]:
        """The outbox, oldest first; of one kind, or to one address."""
        wanted = [Message.kind == kind] if kind else []
        wanted += [Message.to_key == addresses.canon(to).key] if to else []
        return self._all(Message, *wanted)

    def events(self, verb: str | None = None) -> Sequence[Event]:
        """The audit log, oldest first; of one verb such as "joining.confirmed"."""
        return self._all(Event, *([Event.verb == verb] if verb else []))

    def rows(self, noun: Any, *where: Any) -> Sequence[Any]:
        """Every row of any noun that meets the conditions, in the order of its id."""
        return self._all(noun, *where)

    def _all(self, noun: Any, *where: Any) -> Sequence[Any]:
        with self.reading() as rx:
            return db.some(rx, sa.select(noun).where(*where).order_by(noun.id))

    def _entry_of_attempt(self, tx: db.Tx, attempt_id: int) -> Entry:
        found = db.one(tx, sa.select(Entry).join(Attempt, Attempt.entry_id == Entry.id).where(Attempt.id == attempt_id))
        assert found is not None
        return found

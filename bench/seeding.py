"""A launch with any number of people, made by the database itself: a million in a minute or two.

Every value follows from a person's number, so two installations of one size hold the same rows. Of a hundred people 87
wait, three never confirmed, six were invited by wave 1 (four are in), and one each expired, left, was removed and is
held. Every fifth came by a friend's link; one person brought a fiftieth of those friends.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import COMMAND
from waitlist.db import Base, Tx
from waitlist.models.entry import FIRST_NUMBER, Answer, Attempt, Entry, entry_number
from waitlist.models.event import Event
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, Invite, Redemption
from waitlist.models.launch import Launch, Question
from waitlist.models.message import MailboxChoice, Message
from waitlist.models.rank import BAND_SHIFT, GAP_BITS, SCORE_SHIFT, TOP_SCORE, Band
from waitlist.models.referral import Credit
from waitlist.models.tag import EntryTag
from waitlist.models.wave import Wave, WaveMember
from waitlist.services import launching, ranking

SLUG = "campus"
DAYS = 60  # over which everybody came
CAP = 10  # friends that count


STATE = (
    "CASE WHEN n % 100 < 87 THEN 'waiting' WHEN n % 100 < 90 THEN 'unconfirmed' WHEN n % 100 < 94 THEN 'joined' "
    "WHEN n % 100 < 96 THEN 'invited' WHEN n % 100 = 96 THEN 'lapsed' WHEN n % 100 = 97 THEN 'left' "
    "WHEN n % 100 = 98 THEN 'removed' ELSE 'waiting' END"
)
CONFIRMED = "n % 100 NOT BETWEEN 87 AND 89"
DOMAIN = (
    "CASE WHEN n % 10000 = 0 THEN 'rare.example' WHEN n % 10 < 6 THEN 'college.edu' "
    "WHEN n % 10 < 9 THEN 'mail' || (n % 50) || '.example' ELSE 'faculty.college.edu' END"
)
EMAIL = f"'person' || n || '@' || {DOMAIN}"
NUMBER = f"{FIRST_NUMBER} + n"
# The friend's number decides who brought them: somebody who was there before, and who is confirmed.
EARLIER = "(n * 2654435761 / 65536 % (n - 1))"
REFERRER = f"CASE WHEN n % 250 = 0 THEN 1 ELSE {EARLIER} - {EARLIER} % 100 + {EARLIER} % 100 % 86 + 1 END"
CAME_BY = f"n % 5 = 0 AND n > 100 AND {CONFIRMED}"
INVITED = "n % 100 BETWEEN 90 AND 96"
TICKET = "n * 2654435761 % 9007199254740881"


def fill(tx: Tx, n: int, *, now: datetime) -> Launch:
    """Make the launch and its `n` people in an empty installation."""
    plan = launching.Plan(
        slug=SLUG,
        name="Campus",
        preset="campus",
        tree={"kind": "everyone"},
        mode="release",
        opens_at=now,
        columns={"leaderboard": 25, "points_cap": CAP},
    )
    launch = launching.create(tx, plan, actor=COMMAND, now=now)
    sql = _Sql(tx, n, now)
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("SET LOCAL synchronous_commit = off; SET LOCAL maintenance_work_mem = '512MB'"))
    indexes = [index for noun in _NOUNS for index in Base.metadata.tables[noun.__tablename__].indexes]
    for index in indexes:
        index.drop(tx)  # filled first and indexed once: twice as fast
    _people(sql, launch, _hold(tx, launch, now))
    _friends(sql)
    _letters(sql, launch)
    _wave(tx, sql, launch, now)
    _known_of_people(tx, sql, launch)
    for index in indexes:
        index.create(tx)
    _set_numbers(tx, n)
    ranking.came_or_went(tx, launch.id, Entry.held_by.is_(None), 1)
    return launch


_NOUNS: tuple[type[Base], ...] = (
    *(Entry, Attempt, Message, Credit, Event, Invite, Admission, Redemption, WaveMember, MailboxChoice, EntryTag),
)


class _Sql:
    """INSERT ... SELECT over the numbers 1..n; a column that is not named gets the noun's own default."""

    def __init__(self, tx: Tx, n: int, now: datetime) -> None:
        self.tx, self.n, self.now = tx, n, now
        self.sqlite = tx.dialect.name == "sqlite"
        self.moment = self._back(f"({n} - n) * {DAYS * 86_400 / n}")

    def _back(self, seconds: str) -> str:
        if self.sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f000', :now, (-({seconds})) || ' seconds')"
        return f"CAST(:now AS timestamptz) - make_interval(secs => {seconds})"

    def fill(self, noun: type[Base], where: str = "1 = 1", **columns: str) -> None:
        """One row of the noun for each number that meets `where`."""
        table = Base.metadata.tables[noun.__tablename__]
        values = {column.name: _default(column) for column in table.columns if column.name != "id"} | columns
        values = {name: value for name, value in values.items() if value is not None}
        if not self.sqlite:
            values |= {c.name: f"CAST({values[c.name]} AS json)" for c in table.columns if _is_json(c, values)}
        names = ", ".join(f'"{name}"' for name in values)
        numbers = (
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :n) SELECT n FROM s) AS numbers"
            if self.sqlite
            else "(SELECT CAST(n AS bigint) AS n FROM generate_series(1, :n) AS n) AS numbers"
        )
        text = f'INSERT INTO "{table.name}" ({names}) SELECT {", ".join(values.values())} FROM {numbers} WHERE {where}'
        self.tx.execute(sa.text(text), {"n": self.n, "now": self._now()})

    def _now(self) -> object:
        return self.now.strftime("%Y-%m-%d %H:%M:%S.%f") if self.sqlite else self.now


def _is_json(column: Any, values: dict[str, str]) -> bool:
    return column.name in values and isinstance(column.type, sa.JSON)


def _default(column: Any) -> str | None:
    if column.default is None or not column.default.is_scalar:
        return "'{}'" if column.default is not None and column.default.is_callable else None
    value = column.default.arg
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, int) else f"'{value}'"


def _hold(tx: Tx, launch: Launch, now: datetime) -> int:
    row = {"public_id": "hld_1", "launch_id": launch.id, "scope": "predicate", "effect": ["admit"], "source": "admin"}
    row |= {"reason": "odd", "created_at": now, "created_by": str(COMMAND)}
    hold_id: int = tx.execute(sa.insert(Hold).values(row).returning(Hold.id)).scalar_one()
    return hold_id


def _people(sql: _Sql, launch: Launch, hold_id: int) -> None:
    key = f"({int(Band.LINE)} << {BAND_SHIFT}) | ({TOP_SCORE} << {SCORE_SHIFT}) | (({NUMBER}) << {GAP_BITS})"
    if not sql.sqlite:
        key = key.replace(f"({int(Band.LINE)} <<", f"(CAST({int(Band.LINE)} AS bigint) <<")
        key = key.replace(f"({TOP_SCORE} <<", f"(CAST({TOP_SCORE} AS bigint) <<")
    confirmed = f"CASE WHEN {CONFIRMED} THEN {{}} END"
    sql.fill(
        Entry,
        id="n",
        public_id="'ent_' || n",
        launch_id=str(launch.id),
        line_id="1",
        email=EMAIL,
        email_key=EMAIL,
        email_abuse_key="'abuse' || (n * 7919 % 1000003) || '-' || n",
        domain=DOMAIN,
        name="CASE WHEN n % 5000 = 0 THEN 'Ada Lovelace' ELSE 'Person ' || n END",
        slug="'S' || n",
        state=STATE,
        state_at=sql.moment,
        state_by="'person:ent_' || n",
        created_at=sql.moment,
        confirmed_at=confirmed.format(sql.moment),
        confirmed_no=confirmed.format(NUMBER),
        sequence=confirmed.format(NUMBER),
        rank_key=confirmed.format(key),
        referrer_id=f"CASE WHEN {CAME_BY} THEN {REFERRER} END",
        referrer_no=f"CASE WHEN {CAME_BY} THEN {FIRST_NUMBER} + {REFERRER} END",
        ticket=TICKET,
        arm_ticket=TICKET,
        held_by=f"CASE WHEN n % 100 = 99 THEN {hold_id} END",
        gate_revision=confirmed.format("1"),
        note="CASE WHEN n % 200 = 0 THEN 'met at the stand' ELSE '' END",
        allowance_left="CASE WHEN n % 100 BETWEEN 90 AND 93 THEN 3 ELSE 0 END",
        source="CASE WHEN n % 4 = 0 THEN 'poster' ELSE 'direct' END",
        first_touch="""CASE WHEN n % 4 = 0 THEN '{"source": {"source": "poster"}}' END""",
    )


def _friends(sql: _Sql) -> None:
    """Every friend's credit, and what the credits of each make of their score and key."""
    sql.fill(
        Credit,
        CAME_BY,
        launch_id="1",
        referrer_id=REFERRER,
        friend_id="n",
        abuse_key="'abuse' || (n * 7919 % 1000003) || '-' || n",
        points="1",
        state="'counted'",
        created_at=sql.moment,
        state_at=sql.moment,
        state_by="'person:ent_' || n",
    )
    # Beyond the cap a friend is counted and gives nothing.
    least = "MIN" if sql.sqlite else "LEAST"
    sql.tx.execute(
        sa.text(
            "UPDATE credit SET points = 0 WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER "
            f"(PARTITION BY referrer_id ORDER BY id) AS nth FROM credit) AS counted WHERE nth > {CAP})"
        )
    )
    sql.tx.execute(
        sa.text(
            f"UPDATE entry SET friends = {least}(c.n, {CAP}), score = {least}(c.n, {CAP}), "
            f"rank_key = rank_key - ({least}(c.n, {CAP}) * {1 << SCORE_SHIFT}) "
            "FROM (SELECT referrer_id, count(*) AS n FROM credit GROUP BY referrer_id) AS c "
            "WHERE entry.id = c.referrer_id"
        )
    )


def _letters(sql: _Sql, launch: Launch) -> None:
    """What everybody asked for, the mail that answered, and the event of whoever confirmed."""
    theirs = {"launch_id": str(launch.id), "entry_id": "n", "email": EMAIL, "email_key": EMAIL}
    sql.fill(
        Attempt,
        public_id="'att_' || n",
        kind="'join'",
        email_abuse_key="'abuse' || (n * 7919 % 1000003) || '-' || n",
        pending="TRUE",
        created_at=sql.moment,
        sent_at=sql.moment,
        expires_at=sql.moment,
        used_at=f"CASE WHEN {CONFIRMED} THEN {sql.moment} END",
        **theirs,
    )
    sql.fill(
        Message,
        public_id="'msg_' || n",
        dedupe_key="'confirm:att_' || n",
        kind="'confirm'",
        launch_id=str(launch.id),
        entry_id="n",
        attempt_id="n",
        to_address=EMAIL,
        to_key=EMAIL,
        language="'en'",
        message_id="'m' || n",
        priority="0",
        state="CASE WHEN n % 2000 = 0 THEN 'failed' ELSE 'sent' END",
        state_at=sql.moment,
        available_at=sql.moment,
        created_at=sql.moment,
        sent_at=sql.moment,
    )
    sql.fill(
        Event,
        CONFIRMED,
        public_id="'evt_' || n",
        launch_id=str(launch.id),
        at=sql.moment,
        actor="'person:ent_' || n",
        verb="'joining.confirmed'",
        subject_kind="'entry'",
        subject_id="n",
    )


def _wave(tx: Tx, sql: _Sql, launch: Launch, now: datetime) -> None:
    """Wave 1 invited six of a hundred, and four of them came in."""
    row = {"public_id": "wav_1", "launch_id": launch.id, "line_id": 1, "stage_id": 1, "seq": 1, "name": "Wave 1"}
    row |= {"params": {"audience": {"kind": "first"}, "offer": {}}, "state": "done", "state_at": now, "state_by": ""}
    row |= {"created_at": now, "created_by": ""}
    tx.execute(sa.insert(Wave).values(row))
    sql.fill(
        Invite,
        INVITED,
        id="n",
        public_id="'inv_' || n",
        launch_id=str(launch.id),
        source="'wave'",
        entry_id="n",
        wave_id="1",
        email=EMAIL,
        email_key=EMAIL,
        email_abuse_key="'abuse' || (n * 7919 % 1000003) || '-' || n",
        uses="CASE WHEN n % 100 < 94 THEN 1 ELSE 0 END",
        code_hash="'code' || n",
        code_end="CASE WHEN n % 10000 = 90 THEN 'WXYZ' ELSE 'AB' || (n % 89 + 10) END",
        created_at=sql.moment,
        created_by="''",
        expires_at=sql.moment,
        ended_at=f"CASE WHEN n % 100 < 94 OR n % 100 = 96 THEN {sql.moment} END",
    )
    sql.fill(
        Admission,
        "n % 100 BETWEEN 90 AND 95",
        public_id="'adm_' || n",
        launch_id=str(launch.id),
        entry_id="n",
        stage_id="1",
        wave_id="1",
        invite_id="n",
        gate_revision="1",
        ticket=TICKET,
        via="'release'",
        state="CASE WHEN n % 100 < 94 THEN 'active' ELSE 'offered' END",
        seat="TRUE",
        expires_at=f"CASE WHEN n % 100 >= 94 THEN {sql.moment} END",
        state_at=sql.moment,
        state_by="''",
    )
    sql.fill(
        Redemption,
        "n % 100 BETWEEN 90 AND 93",
        launch_id=str(launch.id),
        invite_id="n",
        entry_id="n",
        redeemed_at=sql.moment,
    )
    sql.fill(WaveMember, INVITED, wave_id="1", entry_id="n", position="n", outcome="'invited'", invite_id="n")
    tx.execute(sa.text("UPDATE seat_count SET counted = (SELECT count(*) FROM admission)"))


def _known_of_people(tx: Tx, sql: _Sql, launch: Launch) -> None:
    """Answers, tags, and what mailboxes want."""
    row = {"launch_id": launch.id, "key": "role", "ordinal": 1, "kind": "one", "label": "You are", "longest": 500}
    question = tx.execute(
        sa.insert(Question).values(**row, choices=["student", "staff"]).returning(Question.id)
    ).scalar_one()
    sql.fill(
        Answer,
        "n % 3 = 0",
        entry_id="n",
        question_id=str(question),
        value="""CASE WHEN n % 30 = 0 THEN '"staff"' ELSE '"student"' END""",
        answered_at=sql.moment,
    )
    for tag, every in (("beta", 50), ("press", 1_000)):
        sql.fill(
            EntryTag,
            f"n % {every} = 0",
            entry_id="n",
            tag=f"'{tag}'",
            launch_id=str(launch.id),
            tagged_at=sql.moment,
            tagged_by="''",
        )
    sql.fill(
        MailboxChoice,
        "n % 10 = 0",
        public_id="'box_' || n",
        launch_id=str(launch.id),
        email=EMAIL,
        email_key=EMAIL,
        bounced_at=f"CASE WHEN n % 1000 = 0 THEN {sql.moment} END",
        changed_at=sql.moment,
    )


def _set_numbers(tx: Tx, n: int) -> None:
    """Whoever joins next gets the numbers behind everybody's."""
    if tx.dialect.name == "sqlite":
        row = {"name": "entry", "value": FIRST_NUMBER + n}
        tx.execute(sa.text("INSERT INTO counter (name, value) VALUES (:name, :value)"), row)
        return
    tx.execute(sa.text("SELECT setval('entry_number', :n)"), {"n": FIRST_NUMBER + n})
    assert entry_number.name == "entry_number"
    for noun in (Entry, Invite):
        table = noun.__tablename__
        tx.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"))

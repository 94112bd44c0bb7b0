"""The line as numbers: keys, count cells with deltas, and the one statement that reads a place.

A key is 62 bits, smaller stands earlier: band 3 | 131,071 - score 17 | sequence 28 | gap 14. A cell says how many
entries of the line have `key >> SHIFTS[level] == block`; a place is the sum of at most 63 cells on each level, a count
inside one leaf, and the deltas that are not folded into cells yet. One statement reads all three, so a fold in between
cannot be counted twice. `docs/decisions/0006-rank-structure.md` has the measurements behind it.
"""

from dataclasses import dataclass
from enum import IntEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column

from waitlist.db import Base, Tx
from waitlist.models.entry import Entry, in_line

GAP_BITS = 14  # room between two neighbours for people moved by hand
SCORE_SHIFT = 42
BAND_SHIFT = 59
TOP_SCORE = 131_071
SHIFTS = tuple(range(20, 62, 6))  # 20, 26, ... 56: fan-out 64, leaves of 64 consecutive confirmations
TOP = SHIFTS[-1]


class Band(IntEnum):
    """The first three bits of a key."""

    FRONT = 1  # moved to the top by the team
    VIP = 2
    LINE = 4


class Board(IntEnum):
    """What is counted: the line itself, and the same people by order of confirmation alone."""

    PLACE = 0
    ARRIVAL = 1
    FRIENDS = 2


class RankCell(Base):
    """A count of people; see the module's words."""

    __tablename__ = "rank_cell"

    line_id: Mapped[int] = mapped_column(sa.ForeignKey("line.id"), primary_key=True)
    board: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class RankDelta(Base):
    """What changed and is not folded into cells yet; appended with its cause, so joins share no row."""

    __tablename__ = "rank_delta"
    __table_args__ = (sa.Index("ix_rank_delta_line", "line_id", "board", "key", "d"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("line.id"))
    board: Mapped[int]
    key: Mapped[int]
    d: Mapped[int]


@dataclass(frozen=True)
class Standing:
    """A place explained: `arrival` by order of confirmation, `points` what points moved it, `place` where it is.

    `arrival + points == place`, always, and all three are read in one statement. `total` people are in the line.
    """

    place: int
    arrival: int
    total: int

    @property
    def points(self) -> int:
        return self.place - self.arrival


def pack(*, band: Band, score: int, sequence: int) -> int:
    """The key of somebody with this score; raises ValueError when the sequence has left its 28 bits."""
    if not 0 <= sequence < 2**28:
        raise ValueError(f"sequence {sequence} does not fit 28 bits")
    return band << BAND_SHIFT | (TOP_SCORE - min(max(score, 0), TOP_SCORE)) << SCORE_SHIFT | sequence << GAP_BITS


def arrival_key(sequence: int) -> int:
    """The key on the arrival board: the sequence, scaled so that every board shares the same levels."""
    return sequence << GAP_BITS


def place_of(tx: Tx, entry_id: int) -> int | None:
    """The exact place 1..N of somebody in line, or None for everybody else."""
    place: int | None = tx.execute(_PLACE, {"entry_id": entry_id}).scalar_one_or_none()
    return place


def standing_of(tx: Tx, entry_id: int) -> Standing | None:
    """The place with what explains it, or None for somebody who is not in line."""
    row = tx.execute(_STANDING, {"entry_id": entry_id}).one_or_none()
    return None if row is None else Standing(place=row.place, arrival=row.arrival, total=row.total)


def total_of(tx: Tx, line_id: int) -> int:
    """How many people are in line."""
    total: int = tx.execute(_TOTAL, {"line_id": line_id}).scalar_one()
    return total


def entry_at(tx: Tx, line_id: int, place: int) -> int | None:
    """The key at a place (1..N), or None beyond the end. Reads the index, so it costs O(place): for admins only."""
    key: int | None = tx.scalar(
        sa.select(Entry.rank_key)
        .where(Entry.line_id == line_id, in_line)
        .order_by(Entry.rank_key)
        .offset(place - 1)
        .limit(1)
    )
    return key


def by_window(line_id: int) -> sa.Select[int, int]:
    """Rows (entry id, place) by the definition itself: what every other way of reading a place must equal."""
    place = sa.func.row_number().over(order_by=Entry.rank_key)
    return sa.select(Entry.id, place).where(Entry.line_id == line_id, in_line)


def _before(line: sa.ColumnElement[int], board: Board, key: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """How many people of a board stand before the leaf of `key`: cells on every level, and unfolded deltas."""
    total: sa.ColumnElement[int] = sa.literal_column("0")
    for level, shift in enumerate(SHIFTS):
        cells = sa.select(_summed(RankCell.n)).where(
            RankCell.line_id == line,
            RankCell.board == sa.literal_column(str(int(board))),
            RankCell.level == sa.literal_column(str(level)),
            RankCell.block < _shifted(key, shift),
        )
        if shift != TOP:
            parent = _shifted(key, SHIFTS[level + 1])
            cells = cells.where(RankCell.block >= parent.op("<<")(sa.literal_column("6")))
        total = total + cells.scalar_subquery()
    deltas = sa.select(_summed(RankDelta.d)).where(
        RankDelta.line_id == line,
        RankDelta.board == sa.literal_column(str(int(board))),
        RankDelta.key < _leaf(key),
    )
    return total + deltas.scalar_subquery()


def _summed(column: object) -> sa.ColumnElement[int]:
    # PostgreSQL sums bigint into numeric; a place is an int.
    return sa.cast(sa.func.coalesce(sa.func.sum(column), sa.literal_column("0")), sa.BigInteger())


def _shifted(key: sa.ColumnElement[int], shift: int) -> sa.ColumnElement[int]:
    return _grouped(key.op(">>")(sa.literal_column(str(shift))))


def _leaf(key: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The first key of the leaf that holds `key`."""
    return _grouped(_shifted(key, SHIFTS[0]).op("<<")(sa.literal_column(str(SHIFTS[0]))))


def _grouped(expression: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    # In brackets, and typed: the two engines give shifts different precedence.
    return sa.type_coerce(expression, sa.BigInteger()).self_group()


def _whole(line: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    cells = sa.select(_summed(RankCell.n)).where(
        RankCell.line_id == line,
        RankCell.board == sa.literal_column(str(int(Board.PLACE))),
        RankCell.level == sa.literal_column(str(len(SHIFTS) - 1)),
    )
    deltas = sa.select(_summed(RankDelta.d)).where(
        RankDelta.line_id == line, RankDelta.board == sa.literal_column(str(int(Board.PLACE)))
    )
    return cells.scalar_subquery() + deltas.scalar_subquery()


def _place_statement() -> sa.ColumnElement[int]:
    other = aliased(Entry, name="other")
    inside = (
        sa.select(sa.func.count())
        .select_from(other)
        .where(
            other.line_id == Entry.line_id,
            other.state == sa.literal_column("'waiting'"),
            other.held_by.is_(None),
            other.rank_key.is_not(None),
            other.rank_key >= _leaf(_column(Entry.rank_key)),
            other.rank_key < Entry.rank_key,
        )
    )
    return _before(_column(Entry.line_id), Board.PLACE, _column(Entry.rank_key)) + inside.scalar_subquery() + 1


def _arrival_statement() -> sa.ColumnElement[int]:
    other = aliased(Entry, name="earlier")
    key = _grouped(Entry.sequence.op("<<")(sa.literal_column(str(GAP_BITS))))
    first = _grouped(_leaf(key).op(">>")(sa.literal_column(str(GAP_BITS))))
    inside = (
        sa.select(sa.func.count())
        .select_from(other)
        .where(
            other.line_id == Entry.line_id,
            other.state == sa.literal_column("'waiting'"),
            other.held_by.is_(None),
            other.rank_key.is_not(None),
            other.sequence >= first,
            other.sequence < Entry.sequence,
        )
    )
    return _before(_column(Entry.line_id), Board.ARRIVAL, key) + inside.scalar_subquery() + 1


def _column(attribute: object) -> sa.ColumnElement[int]:
    return sa.type_coerce(attribute, sa.BigInteger())


_SOMEBODY = (Entry.id == sa.bindparam("entry_id"), in_line)
_PLACE = sa.select(_place_statement().label("place")).where(*_SOMEBODY)
_STANDING = sa.select(
    _place_statement().label("place"),
    _arrival_statement().label("arrival"),
    _whole(_column(Entry.line_id)).label("total"),
).where(*_SOMEBODY)
_TOTAL = sa.select(_whole(sa.bindparam("line_id", type_=sa.BigInteger())))

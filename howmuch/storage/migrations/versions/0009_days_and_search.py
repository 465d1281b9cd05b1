"""Time zones of events, folded texts for the search, and mail about one's own expenses."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STALE = sa.text("search_version IS NULL OR search_version <> version")
_AT_ONCE = 500
# As in howmuch.usecases.folding, in the version that wrote the first of these texts.
_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ŧ": "t", "þ": "th"}
    | {"æ": "ae", "œ": "oe"}
)


def upgrade() -> None:
    op.add_column(
        "events", sa.Column("time_zone", sa.String(64), nullable=False, server_default="UTC")
    )
    op.add_column(
        "members",
        sa.Column("mail_only_mine", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("expenses", sa.Column("search_text", sa.Text()))
    op.add_column("expenses", sa.Column("search_version", sa.Integer()))
    op.create_index(
        "ix_expenses_search_stale",
        "expenses",
        ["event_id", "id"],
        postgresql_where=_STALE,
        sqlite_where=_STALE,
    )
    # The days of an event are those of the user who created it.
    op.execute(
        "UPDATE events SET time_zone = users.time_zone FROM changes, users"
        " WHERE changes.event_id = events.id AND changes.revision = 1 AND users.id = changes.actor_user_id"
    )
    _fill_search()


def _fill_search() -> None:
    """Writes the texts of all expenses, in batches, in the order of the key."""
    connection = op.get_bind()
    expenses = sa.table(
        "expenses",
        *(sa.column(name) for name in ("event_id", "id", "reason", "notes", "version")),
        *(sa.column(f"search_{name}") for name in ("text", "version")),
    )
    key = sa.tuple_(expenses.c.event_id, expenses.c.id)
    read = (
        sa.select(*list(expenses.c)[:5])
        .order_by(expenses.c.event_id, expenses.c.id)
        .limit(_AT_ONCE)
    )
    write = (
        sa.update(expenses)
        .where(expenses.c.event_id == sa.bindparam("of_event"))
        .where(expenses.c.id == sa.bindparam("of_id"))
        .values(
            search_text=sa.bindparam("folded"),
            search_version=expenses.c.version,
        )
    )
    after = ("", "")
    while rows := connection.execute(read.where(key > after)).all():
        connection.execute(
            write,
            [
                {
                    "of_event": row.event_id,
                    "of_id": row.id,
                    "folded": _fold(f"{row.reason}\n{row.notes}"),
                }
                for row in rows
            ],
        )
        after = (rows[-1].event_id, rows[-1].id)


def _fold(text: str) -> str | None:
    if text.isascii():
        return None
    small = _without_marks(_without_marks(text).casefold()).translate(_LETTERS)
    return unicodedata.normalize("NFC", small)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    marks = filter(_is_mark, set(decomposed))
    return decomposed.translate(dict.fromkeys(map(ord, marks)))


def _is_mark(character: str) -> bool:
    kind = unicodedata.combining(character)
    return kind == 1 or kind >= 10


def downgrade() -> None:
    op.drop_index("ix_expenses_search_stale", "expenses")
    for name in ("search_version", "search_text"):
        op.drop_column("expenses", name)
    op.drop_column("members", "mail_only_mine")
    op.drop_column("events", "time_zone")

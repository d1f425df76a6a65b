"""The first tables: pairs, connections, tokens, runs, holds, events, worklists, the ledger, mutes."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    """Make the tables, and the pair `default`."""
    _make_pairs()
    _make_runs()
    _make_run_parts()
    _make_ledger_records()
    _make_ledger_steps()
    _make_mutes()


def _make_pairs() -> None:
    pairs = op.create_table(
        "pairs",
        _text("name"),
        _moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pairs"),
    )
    op.bulk_insert(pairs, [{"name": "default", "created_at": time.time_ns() // 1_000_000}])
    op.create_table(
        "connections",
        _text("pair"),
        _text("platform"),
        _text("settings"),
        _text("sealed_credentials"),
        _text("store_key"),
        _text("info"),
        _moment("updated_at", nullable=False),
        sa.PrimaryKeyConstraint("pair", "platform", name="pk_connections"),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name="fk_connections_pair"),
    )
    op.create_index("ix_connections_store_key", "connections", ["store_key"])
    op.create_table(
        "tokens",
        _text("store_key"),
        _text("sealed"),
        _moment("expires_at", nullable=False),
        sa.PrimaryKeyConstraint("store_key", name="pk_tokens"),
    )


def _make_runs() -> None:
    op.create_table(
        "runs",
        _text("id"),
        _text("type"),
        _text("kind"),
        _text("pair"),
        _text("source_platform"),
        _text("source_store"),
        _text("destination_store"),
        _text("state"),
        _text("phase"),
        _text("request"),
        _text("summary"),
        _text("error_code"),
        _text("error_message"),
        _moment("created_at", nullable=False),
        _moment("started_at"),
        _moment("ended_at"),
        _text("control"),
        _text("owner"),
        sa.Column("fence", sa.Integer(), nullable=False),
        _moment("lease_until"),
        _text("parent_run_id"),
        sa.Column("idempotency_key", sa.Text()),
        _text("body_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("idempotency_key", name="uq_runs_idempotency_key"),
    )
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_index("ix_runs_pair_id", "runs", ["pair", "id"])
    op.create_index("ix_runs_parent_run_id", "runs", ["parent_run_id"])


def _make_run_parts() -> None:
    op.create_table(
        "store_holds",
        _text("store_key"),
        _text("run_id"),
        sa.Column("is_exclusive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("store_key", "run_id", name="pk_store_holds"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_store_holds_run_id"),
    )
    op.create_index("ix_store_holds_run_id", "store_holds", ["run_id"])
    op.create_table(
        "events",
        _text("run_id"),
        sa.Column("seq", sa.Integer(), nullable=False),
        _moment("at", nullable=False),
        _text("type"),
        _text("data"),
        sa.PrimaryKeyConstraint("run_id", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_events_run_id"),
    )
    op.create_table(
        "worklist",
        _text("run_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("source_id"),
        _text("label"),
        _text("expected"),
        _text("outcome"),
        _text("code"),
        _text("error"),
        _text("destination_id"),
        _text("warnings"),
        sa.Column("payload", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_worklist"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_worklist_run_id"),
    )
    op.create_index("ix_worklist_run_id_outcome_position", "worklist", ["run_id", "outcome", "position"])


def _make_ledger_records() -> None:
    op.create_table(
        "ledger_records",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        _text("source_store"),
        _text("kind"),
        _text("source_id"),
        _text("destination_store"),
        _text("destination_id"),
        _text("state"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _text("marker"),
        _text("run_id"),
        _text("created_run_id"),
        _text("label"),
        _text("reasons"),
        _text("error_code"),
        _text("error_message"),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        _moment("written_at"),
        _moment("linked_at"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_records"),
        sa.UniqueConstraint("source_store", "kind", "destination_store", "source_id", name="uq_ledger_records_source"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_ledger_records_run_id"),
    )
    op.create_index(
        "ix_ledger_records_state", "ledger_records", ["source_store", "kind", "destination_store", "state", "id"]
    )
    op.create_index("ix_ledger_records_created", "ledger_records", ["created_run_id", "written_at", "id"])


def _make_ledger_steps() -> None:
    op.create_table(
        "ledger_steps",
        sa.Column("record_id", _SERIAL, nullable=False, autoincrement=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _text("name"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("state"),
        _text("batch"),
        _moment("started_at"),
        _moment("ended_at"),
        _text("destination_id"),
        _text("payload_hash"),
        sa.PrimaryKeyConstraint("record_id", "attempt", "name", name="pk_ledger_steps"),
        sa.ForeignKeyConstraint(["record_id"], ["ledger_records.id"], name="fk_ledger_steps_record_id"),
    )


def _make_mutes() -> None:
    op.create_table(
        "mutes",
        _text("store_key"),
        _text("setting"),
        _text("original_value"),
        _text("muted_value"),
        _moment("since", nullable=False),
        sa.PrimaryKeyConstraint("store_key", "setting", name="pk_mutes"),
    )
    op.create_table(
        "mute_holders",
        _text("store_key"),
        _text("setting"),
        _text("holder"),
        sa.PrimaryKeyConstraint("store_key", "setting", "holder", name="pk_mute_holders"),
        sa.ForeignKeyConstraint(
            ["store_key", "setting"], ["mutes.store_key", "mutes.setting"], name="fk_mute_holders_mutes"
        ),
    )

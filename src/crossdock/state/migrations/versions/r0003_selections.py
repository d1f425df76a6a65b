"""What a person has chosen of a comparison's lists."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "selections",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("is_all", sa.Boolean(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "list", name="pk_selections"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_selections_run_id"),
    )
    op.create_table(
        "selection_marks",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("is_chosen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "list", "source_id", name="pk_selection_marks"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_selection_marks_run_id"),
    )

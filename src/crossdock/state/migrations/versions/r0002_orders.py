"""What orders need to be remembered by: resolutions and figures in the ledger, and the kind of a worklist's row."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was there before has no resolution, no figures, and its run's kind."""
    op.add_column("ledger_records", sa.Column("resolution", sa.Text()))
    op.add_column("ledger_records", sa.Column("figures", sa.Text()))
    op.add_column("worklist", sa.Column("kind", sa.Text(), nullable=False, server_default=""))

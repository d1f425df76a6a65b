"""Which syncs are previews, so that lists can leave them out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of the syncs from before it is read out of what they were asked."""
    op.add_column("runs", sa.Column("is_preview", sa.Boolean(), nullable=False, server_default=sa.false()))
    runs = sa.table("runs", sa.column("is_preview", sa.Boolean()), sa.column("request", sa.Text()))
    # A quotation mark within a value is escaped, so that only the member itself can look like this.
    asked = runs.c.request.like('%"dryRun":true%')
    op.execute(sa.update(runs).where(asked).values(is_preview=sa.true()))

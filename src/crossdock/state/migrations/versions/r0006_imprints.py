"""What a destination held of a record when it was read back: by it, an undo knows what was changed since."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what was migrated before, nothing was kept that could be compared."""
    op.add_column("ledger_records", sa.Column("imprint", sa.Text()))

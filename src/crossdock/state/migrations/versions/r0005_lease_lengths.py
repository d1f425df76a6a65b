"""How long the lease of a run's owner is, so that workers with different settings judge it alike."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a lease from before was as long as the setting's default."""
    op.add_column("runs", sa.Column("lease_seconds", sa.Float(), nullable=False, server_default="180"))

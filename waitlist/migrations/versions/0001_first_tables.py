"""first tables"""

import sqlalchemy as sa
from alembic import op

import waitlist.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite counts in a row of its own
        op.execute(sa.schema.CreateSequence(sa.Sequence("entry_number", start=2**27, data_type=sa.BigInteger())))
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "installation",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    op.create_table(
        "job_beat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_beat")),
    )
    op.create_table(
        "launch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("pitch", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("tz", sa.Text(), nullable=False),
        sa.Column("product_url", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("policy_url", sa.Text(), nullable=True),
        sa.Column("logo_hash", sa.Text(), nullable=True),
        sa.Column("logo_alt", sa.Text(), nullable=False),
        sa.Column("picture_hash", sa.Text(), nullable=True),
        sa.Column("picture_alt", sa.Text(), nullable=False),
        sa.Column("faq", sa.JSON(), nullable=False),
        sa.Column("accent", sa.Text(), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("show_count", sa.Boolean(), nullable=False),
        sa.Column("places_shown", sa.Text(), nullable=False),
        sa.Column("leaderboard", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("show_plan", sa.Boolean(), nullable=False),
        sa.Column("share_text", sa.Text(), nullable=False),
        sa.Column("double_opt_in", sa.Boolean(), nullable=False),
        sa.Column("lasting_only", sa.Boolean(), nullable=False),
        sa.Column("domains_shown", sa.Boolean(), nullable=False),
        sa.Column("access_asked", sa.Boolean(), nullable=False),
        sa.Column("interest_open", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("line_limit", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("on_full", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("points_cap", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invite_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("allowance", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lapse_policy", sa.Text(), nullable=False),
        sa.Column("renew_once", sa.Boolean(), nullable=False),
        sa.Column("mails_per_hour", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("release_days", sa.Text(), nullable=False),
        sa.Column("release_from", sa.Text(), nullable=False),
        sa.Column("release_to", sa.Text(), nullable=False),
        sa.Column("two_person", sa.Boolean(), nullable=False),
        sa.Column("two_steps", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("salt_commitment", sa.Text(), nullable=False),
        sa.Column("algo_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("opens_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closes_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("launched_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("archived_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.CheckConstraint("lapse_policy IN ('keep', 'end', 'leave')", name=op.f("ck_launch_lapse_policy")),
        sa.CheckConstraint("leaderboard IN (0, 10, 25, 100)", name=op.f("ck_launch_leaderboard")),
        sa.CheckConstraint("on_full IN ('queue', 'close')", name=op.f("ck_launch_on_full")),
        sa.CheckConstraint("points BETWEEN 0 AND 1000", name=op.f("ck_launch_points")),
        sa.CheckConstraint("points_cap IS NULL OR points_cap BETWEEN 0 AND 10000", name=op.f("ck_launch_points_cap")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_launch_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_launch_slug")),
    )
    op.create_table(
        "once",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_once")),
    )
    with op.batch_alter_table("once", schema=None) as batch_op:
        batch_op.create_index("ix_once_created_at", ["created_at"], unique=False)

    op.create_table(
        "pace",
        sa.Column(
            "launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("next_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("launch_id", name=op.f("pk_pace")),
    )
    op.create_table(
        "tally",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("window_end", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tally")),
    )
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.create_index("ix_tally_window_end", ["window_end"], unique=False)

    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("tf_primary_method", sa.Text(), nullable=True),
        sa.Column("tf_totp_secret", sa.Text(), nullable=True),
        sa.Column("tf_counter", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recovery_codes", sa.JSON(), nullable=True),
        sa.Column("webauthn_handle", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("reset_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reset_until", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_fs_uniquifier")),
        sa.UniqueConstraint("webauthn_handle", name=op.f("uq_user_webauthn_handle")),
    )
    op.create_table(
        "worker_beat",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("key_end", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("used_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('secret', 'public')", name=op.f("ck_api_key_kind")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_api_key_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_key_public_id")),
    )
    op.create_table(
        "denied",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("removed_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('address', 'domain')", name=op.f("ck_denied_kind")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_denied_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denied")),
    )
    with op.batch_alter_table("denied", schema=None) as batch_op:
        batch_op.create_index(
            "ix_denied_value",
            ["launch_id", "kind", "value"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_event_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_public_id")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_launch", ["launch_id", "id"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject_kind", "subject_id", "id"], unique=False)

    op.create_table(
        "gate_revision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tree", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_gate_revision_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_revision")),
        sa.UniqueConstraint("launch_id", "revision", name=op.f("uq_gate_revision_launch_id_revision")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_passkey_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index("ix_passkey_user", ["user_id"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("sent_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "role IN ('owner', 'admin', 'releaser', 'reviewer', 'analyst', 'viewer')", name=op.f("ck_appointment_role")
        ),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_appointment_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appointment_public_id")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_appointment_open",
            ["launch_id", "email_key"],
            unique=True,
            sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NOT NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_appointment_open_host",
            ["email_key"],
            unique=True,
            sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NULL"),
        )

    op.create_table(
        "grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'admin', 'releaser', 'reviewer', 'analyst', 'viewer')", name=op.f("ck_grant_role")
        ),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_grant_launch_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
        sa.UniqueConstraint("user_id", "launch_id", name=op.f("uq_grant_user_id_launch_id")),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("predicate", sa.JSON(), nullable=True),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("public_reason", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("released_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.CheckConstraint("scope IN ('launch', 'stage', 'predicate', 'subtree', 'entry')", name=op.f("ck_hold_scope")),
        sa.CheckConstraint(
            "source IN ('admin', 'guardrail', 'schedule', 'lockdown', 'abuse')", name=op.f("ck_hold_source")
        ),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_hold_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hold_public_id")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hold_open",
            ["launch_id", "scope"],
            unique=False,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )

    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("added", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("updated", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("same", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("duplicate", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problems", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("finished_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_import_run_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_run_public_id")),
    )
    op.create_table(
        "arm_split",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arms", sa.JSON(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_arm_split_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arm_split")),
        sa.UniqueConstraint("launch_id", "version", name=op.f("uq_arm_split_launch_id_version")),
    )
    op.create_table(
        "line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ranked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_line_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("launch_id", "key", name=op.f("uq_line_launch_id_key")),
    )
    op.create_table(
        "mailbox_choice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("wants", sa.Text(), nullable=False),
        sa.Column("wanted_before", sa.Text(), nullable=True),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("digest_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("digest_place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("digest_arrival", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("do_not_invite_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("wants IN ('all', 'place', 'nothing')", name=op.f("ck_mailbox_choice_wants")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_mailbox_choice_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_choice")),
        sa.UniqueConstraint("launch_id", "email_key", name=op.f("uq_mailbox_choice_launch_id_email_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mailbox_choice_public_id")),
    )
    with op.batch_alter_table("mailbox_choice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mailbox_choice_bounced",
            ["email_key"],
            unique=False,
            sqlite_where=sa.text("bounced_at IS NOT NULL"),
            postgresql_where=sa.text("bounced_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_mailbox_choice_digest",
            ["digest_at"],
            unique=False,
            sqlite_where=sa.text("digest"),
            postgresql_where=sa.text("digest"),
        )
        batch_op.create_index(
            "ix_mailbox_choice_host",
            ["email_key"],
            unique=True,
            sqlite_where=sa.text("launch_id IS NULL"),
            postgresql_where=sa.text("launch_id IS NULL"),
        )

    op.create_table(
        "mail_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.Column("put_back", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("preheader", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_mail_words_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_words")),
        sa.UniqueConstraint(
            "launch_id", "kind", "language", "version", name=op.f("uq_mail_words_launch_id_kind_language_version")
        ),
    )
    op.create_table(
        "named_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_named_list_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_list")),
        sa.UniqueConstraint("launch_id", "key", name=op.f("uq_named_list_launch_id_key")),
    )
    op.create_table(
        "observation",
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_observation_launch_id")),
        sa.PrimaryKeyConstraint("launch_id", "day", "name", name=op.f("pk_observation")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("may_decline", sa.Boolean(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("longest", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("most", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("retired_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('one', 'many', 'short', 'long')", name=op.f("ck_question_kind")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_question_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("launch_id", "key", "version", name=op.f("uq_question_launch_id_key_version")),
    )
    op.create_table(
        "picture",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_picture_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("launch_id", "hash", name=op.f("uq_picture_launch_id_hash")),
    )
    op.create_table(
        "consent_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("retired_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_consent_text_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("launch_id", "key", "version", name=op.f("uq_consent_text_launch_id_key_version")),
    )
    op.create_table(
        "seat_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seats", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("counted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("counted >= 0 AND (seats IS NULL OR counted <= seats)", name=op.f("ck_seat_count_counted")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_seat_count_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_count")),
        sa.UniqueConstraint("launch_id", "stage_id", name=op.f("uq_seat_count_launch_id_stage_id")),
    )
    op.create_table(
        "stage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("tree", sa.JSON(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("selects", sa.Text(), nullable=False),
        sa.Column("quota", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("share_ppm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reserved_seats", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("backfill", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("after_minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approvals", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exits", sa.JSON(), nullable=False),
        sa.Column("every_minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("waves_most", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("waves_made", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("timing", sa.JSON(), nullable=False),
        sa.Column("offer", sa.JSON(), nullable=False),
        sa.Column("planned_by", sa.Text(), nullable=True),
        sa.Column("started_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=True),
        sa.Column("dwell_from", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("next_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('open', 'release', 'redeem')", name=op.f("ck_stage_mode")),
        sa.CheckConstraint("selects IN ('fifo', 'draw', 'score', 'manual')", name=op.f("ck_stage_selects")),
        sa.CheckConstraint("starts IN ('at', 'after', 'hand', 'approval')", name=op.f("ck_stage_starts")),
        sa.CheckConstraint("quota IS NULL OR (quota > 0 AND share_ppm IS NULL)", name=op.f("ck_stage_quota")),
        sa.CheckConstraint("share_ppm IS NULL OR share_ppm BETWEEN 1 AND 1000000", name=op.f("ck_stage_share_ppm")),
        sa.CheckConstraint("reserved_seats >= 0", name=op.f("ck_stage_reserved_seats")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_stage_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("launch_id", "ordinal", name=op.f("uq_stage_launch_id_ordinal")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_approval_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("stage_id", "by", name=op.f("uq_approval_stage_id_by")),
    )
    op.create_table(
        "blackout",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_blackout_order")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_blackout_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blackout")),
    )
    with op.batch_alter_table("blackout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blackout_launch_id"), ["launch_id"], unique=False)

    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("email_abuse_key", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("link_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state_by", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=True),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("referrer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("referrer_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("score", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("friends", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rank_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("moved_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("moved_by", sa.Text(), nullable=True),
        sa.Column("ticket", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arm_ticket", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_at_confirm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("held_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owed_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("gate_revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_touch", sa.JSON(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("share_name", sa.Boolean(), nullable=False),
        sa.Column("asks_welcome", sa.Boolean(), nullable=False),
        sa.Column("show_on_board", sa.Boolean(), nullable=False),
        sa.Column("vip", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("allowance_left", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("allowance_given", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("erased_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'waiting' OR confirmed_no IS NOT NULL", name=op.f("ck_entry_confirmed")),
        sa.CheckConstraint(
            "state IN ('unconfirmed', 'waiting', 'invited', 'joined', 'lapsed', 'left', 'removed')",
            name=op.f("ck_entry_state"),
        ),
        sa.CheckConstraint("(referrer_id IS NULL) = (referrer_no IS NULL)", name=op.f("ck_entry_referrer")),
        sa.CheckConstraint("referrer_no IS NULL OR referrer_no < confirmed_no", name=op.f("ck_entry_no_cycle")),
        sa.CheckConstraint("score BETWEEN 0 AND 131071", name=op.f("ck_entry_score")),
        sa.ForeignKeyConstraint(["held_by"], ["hold.id"], name=op.f("fk_entry_held_by")),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_entry_import_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_entry_launch_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_entry_line_id")),
        sa.ForeignKeyConstraint(["referrer_id"], ["entry.id"], name=op.f("fk_entry_referrer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("confirmed_no", name=op.f("uq_entry_confirmed_no")),
        sa.UniqueConstraint("launch_id", "email_key", name=op.f("uq_entry_launch_id_email_key")),
        sa.UniqueConstraint("launch_id", "external_id", name=op.f("uq_entry_launch_id_external_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_entry_slug")),
        sa.UniqueConstraint("public_id", name=op.f("uq_entry_public_id")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("ix_entry_abuse_key", ["launch_id", "email_abuse_key"], unique=False)
        batch_op.create_index(
            "ix_entry_friends",
            ["launch_id", "friends", "confirmed_no", "state", "held_by"],
            unique=False,
            sqlite_where=sa.text("friends > 0"),
            postgresql_where=sa.text("friends > 0"),
        )
        batch_op.create_index(
            "ix_entry_unranked",
            ["line_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting' AND rank_key IS NULL"),
            postgresql_where=sa.text("state = 'waiting' AND rank_key IS NULL"),
        )
        batch_op.create_index(
            "ix_entry_aside",
            ["line_id", "rank_key"],
            unique=False,
            sqlite_where=sa.text(
                "(state = 'lapsed' OR (state = 'waiting' AND held_by IS NOT NULL)) AND rank_key IS NOT NULL"
            ),
            postgresql_where=sa.text(
                "(state = 'lapsed' OR (state = 'waiting' AND held_by IS NOT NULL)) AND rank_key IS NOT NULL"
            ),
        )
        batch_op.create_index(
            "ix_entry_owed",
            ["line_id", "rank_key"],
            unique=False,
            sqlite_where=sa.text(
                "state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL AND owed_at IS NOT NULL"
            ),
            postgresql_where=sa.text(
                "state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL AND owed_at IS NOT NULL"
            ),
        )
        batch_op.create_index(
            "ix_entry_arrival",
            ["line_id", "sequence"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
            postgresql_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_entry_held",
            ["held_by"],
            unique=False,
            sqlite_where=sa.text("held_by IS NOT NULL"),
            postgresql_where=sa.text("held_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_entry_in_line",
            ["line_id", "rank_key"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
            postgresql_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_entry_referrer",
            ["referrer_id"],
            unique=False,
            sqlite_where=sa.text("referrer_id IS NOT NULL"),
            postgresql_where=sa.text("referrer_id IS NOT NULL"),
        )
        batch_op.create_index("ix_entry_state", ["launch_id", "state", "id"], unique=False)
        batch_op.create_index("ix_entry_newest", ["launch_id", "id"], unique=False)
        batch_op.create_index("ix_entry_domain", ["launch_id", "domain", "id"], unique=False)
        batch_op.create_index("ix_entry_of_line", ["line_id", "state", "id"], unique=False)
        batch_op.create_index(
            "ix_entry_on_hold",
            ["launch_id", "id"],
            unique=False,
            sqlite_where=sa.text("held_by IS NOT NULL"),
            postgresql_where=sa.text("held_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_entry_noted",
            ["launch_id", "id"],
            unique=False,
            sqlite_where=sa.text("note <> ''"),
            postgresql_where=sa.text("note <> ''"),
        )
        batch_op.create_index("ix_entry_words", ["launch_id", "email_key", "name"], unique=False)
        batch_op.create_index("ix_entry_created", ["launch_id", "created_at", "domain", "source"], unique=False)
        batch_op.create_index("ix_entry_confirmed", ["launch_id", "confirmed_at", "referrer_id"], unique=False)
        batch_op.create_index("ix_entry_most_friends", ["launch_id", "friends", "id"], unique=False)
        batch_op.create_index(
            "ix_entry_prefix",
            ["launch_id", "email_key"],
            unique=False,
            postgresql_ops={"email_key": "text_pattern_ops"},
        )

    op.create_table(
        "event_detail",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_detail_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_detail")),
    )
    op.create_table(
        "event_seal",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_seal_event_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event_seal")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_seal_event_id")),
    )
    op.create_table(
        "import_part",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_part_run_id")),
        sa.PrimaryKeyConstraint("run_id", "part_no", name=op.f("pk_import_part")),
    )
    op.create_table(
        "import_row",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("referrer_key", sa.Text(), nullable=True),
        sa.Column("order_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("depth", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("foreseen", sa.Text(), nullable=False),
        sa.Column("foreseen_reason", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_row_run_id")),
        sa.PrimaryKeyConstraint("run_id", "row_no", name=op.f("pk_import_row")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index("ix_import_row_email", ["run_id", "email_key", "outcome"], unique=False)
        batch_op.create_index("ix_import_row_next", ["run_id", "outcome", "depth", "row_no"], unique=False)
        batch_op.create_index("ix_import_row_referrer", ["run_id", "referrer_key", "outcome"], unique=False)

    op.create_table(
        "list_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("abuse_key", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("added_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["named_list.id"], name=op.f("fk_list_row_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_row")),
        sa.UniqueConstraint("list_id", "abuse_key", name=op.f("uq_list_row_list_id_abuse_key")),
    )
    with op.batch_alter_table("list_row", schema=None) as batch_op:
        batch_op.create_index("ix_list_row_key", ["abuse_key"], unique=False)

    op.create_table(
        "rank_cell",
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("board", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("level", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_rank_cell_line_id")),
        sa.PrimaryKeyConstraint("line_id", "board", "level", "block", name=op.f("pk_rank_cell")),
    )
    op.create_table(
        "rank_delta",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("board", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("d", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_rank_delta_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rank_delta")),
    )
    with op.batch_alter_table("rank_delta", schema=None) as batch_op:
        batch_op.create_index("ix_rank_delta_line", ["line_id", "board", "key", "d"], unique=False)

    op.create_table(
        "wave",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state_by", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=True),
        sa.Column("due_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("planned", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invited", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skipped", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recalled", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revoked", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revoked_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("interrupted_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("released_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("done_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'holding', 'releasing', 'paused', 'stopped', 'done', 'recalled')",
            name=op.f("ck_wave_state"),
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_wave_hold_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_wave_launch_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_wave_line_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_wave_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
        sa.UniqueConstraint("launch_id", "seq", name=op.f("uq_wave_launch_id_seq")),
        sa.UniqueConstraint("stage_id", "stage_no", name=op.f("uq_wave_stage_id_stage_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_wave_public_id")),
    )
    with op.batch_alter_table("wave", schema=None) as batch_op:
        batch_op.create_index("ix_wave_due", ["state", "due_at"], unique=False)

    op.create_table(
        "answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("answered_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_answer_entry_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_answer_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("entry_id", "question_id", name=op.f("uq_answer_entry_id_question_id")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index("ix_answer_question", ["question_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("given_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_consent_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("entry_id", "key", "text_version", name=op.f("uq_consent_entry_id_key_text_version")),
    )
    op.create_table(
        "credit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("referrer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("friend_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("abuse_key", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("folded", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('counted', 'withheld', 'reversed')", name=op.f("ck_credit_state")),
        sa.ForeignKeyConstraint(["friend_id"], ["entry.id"], name=op.f("fk_credit_friend_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_credit_launch_id")),
        sa.ForeignKeyConstraint(["referrer_id"], ["entry.id"], name=op.f("fk_credit_referrer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("friend_id", name=op.f("uq_credit_friend_id")),
        sa.UniqueConstraint("launch_id", "abuse_key", name=op.f("uq_credit_launch_id_abuse_key")),
    )
    with op.batch_alter_table("credit", schema=None) as batch_op:
        batch_op.create_index("ix_credit_referrer", ["referrer_id", "state"], unique=False)
        batch_op.create_index("ix_credit_created", ["launch_id", "state", "created_at"], unique=False)
        batch_op.create_index(
            "ix_credit_unfolded",
            ["launch_id"],
            unique=False,
            sqlite_where=sa.text("folded = 0"),
            postgresql_where=sa.text("NOT folded"),
        )

    op.create_table(
        "fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("trust", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("observed_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("trust BETWEEN 1 AND 4", name=op.f("ck_fact_trust")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_fact_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
        sa.UniqueConstraint("entry_id", "name", "source", name=op.f("uq_fact_entry_id_name_source")),
    )
    op.create_table(
        "invite",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inviter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("email_abuse_key", sa.Text(), nullable=True),
        sa.Column("max_uses", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uses", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("holds_seat", sa.Boolean(), nullable=False),
        sa.Column("overrides_rules", sa.Boolean(), nullable=False),
        sa.Column("allowance", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lapse_policy", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_end", sa.Text(), nullable=True),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("starts_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("declined_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("asked_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("asked_answer_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("renewed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("remind", sa.Boolean(), nullable=False),
        sa.Column("reminded_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('wave', 'admin', 'member')", name=op.f("ck_invite_source")),
        sa.CheckConstraint("email_key IS NULL OR max_uses = 1", name=op.f("ck_invite_bound")),
        sa.CheckConstraint("uses BETWEEN 0 AND max_uses", name=op.f("ck_invite_uses")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_invite_entry_id")),
        sa.ForeignKeyConstraint(["inviter_id"], ["entry.id"], name=op.f("fk_invite_inviter_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_invite_launch_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_invite_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invite_code_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invite_public_id")),
    )
    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.create_index("ix_invite_address", ["launch_id", "email_key"], unique=False)
        batch_op.create_index(
            "ix_invite_due",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_invite_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invite_batch"), ["batch"], unique=False)
        batch_op.create_index("ix_invite_inviter", ["inviter_id", "id"], unique=False)
        batch_op.create_index("ix_invite_code_end", ["launch_id", "code_end"], unique=False)
        batch_op.create_index(
            "ix_invite_created",
            ["launch_id", "created_at"],
            unique=False,
            sqlite_where=sa.text("source <> 'member' AND email_key IS NOT NULL"),
            postgresql_where=sa.text("source <> 'member' AND email_key IS NOT NULL"),
        )

    op.create_table(
        "session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_session_entry_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("id_hash", name=op.f("uq_session_id_hash")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index("ix_session_entry", ["entry_id"], unique=False)
        batch_op.create_index("ix_session_user", ["user_id"], unique=False)

    op.create_table(
        "admission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("gate_revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("split_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seat", sa.Boolean(), nullable=False),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('offered', 'active', 'expired', 'declined', 'revoked')", name=op.f("ck_admission_state")
        ),
        sa.CheckConstraint("via IN ('release', 'redeem', 'rule', 'admin', 'transfer')", name=op.f("ck_admission_via")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_admission_entry_id")),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_admission_invite_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_admission_launch_id")),
        sa.ForeignKeyConstraint(["split_id"], ["arm_split.id"], name=op.f("fk_admission_split_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_admission_stage_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_admission_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("launch_id", "entry_id", name=op.f("uq_admission_launch_id_entry_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_admission_public_id")),
    )
    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.create_index(
            "ix_admission_due",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("state = 'offered'"),
            postgresql_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index(batch_op.f("ix_admission_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_admission_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("email_abuse_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("referrer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_touch", sa.JSON(), nullable=True),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("used_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("declined_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('join', 'sign_in', 'redeem', 'change', 'find', 'member_action')", name=op.f("ck_attempt_kind")
        ),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_attempt_tries")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_attempt_entry_id")),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_attempt_invite_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_attempt_launch_id")),
        sa.ForeignKeyConstraint(["referrer_id"], ["entry.id"], name=op.f("fk_attempt_referrer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attempt_public_id")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attempt_entry",
            ["entry_id"],
            unique=False,
            sqlite_where=sa.text("entry_id IS NOT NULL"),
            postgresql_where=sa.text("entry_id IS NOT NULL"),
        )
        batch_op.create_index("ix_attempt_open", ["launch_id", "email_key", "kind", "id"], unique=False)
        batch_op.create_index(
            "ix_attempt_referrer",
            ["referrer_id"],
            unique=False,
            sqlite_where=sa.text("referrer_id IS NOT NULL"),
            postgresql_where=sa.text("referrer_id IS NOT NULL"),
        )

    op.create_table(
        "redemption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("redeemed_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_redemption_entry_id")),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_redemption_invite_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_redemption_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("invite_id", "entry_id", name=op.f("uq_redemption_invite_id_entry_id")),
    )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redemption_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_redemption_launch", ["launch_id", "redeemed_at"], unique=False)

    op.create_table(
        "vouch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_state", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_vouch_entry_id")),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_vouch_invite_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_vouch_launch_id")),
        sa.ForeignKeyConstraint(["voucher_id"], ["entry.id"], name=op.f("fk_vouch_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vouch")),
        sa.UniqueConstraint("voucher_id", "entry_id", name=op.f("uq_vouch_voucher_id_entry_id")),
    )
    with op.batch_alter_table("vouch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vouch_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "wave_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('planned', 'invited', 'skipped', 'stopped', 'recalled', 'revoked')",
            name=op.f("ck_wave_member_outcome"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_wave_member_entry_id")),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_wave_member_invite_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_member_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave_member")),
        sa.UniqueConstraint("wave_id", "entry_id", name=op.f("uq_wave_member_wave_id_entry_id")),
    )
    with op.batch_alter_table("wave_member", schema=None) as batch_op:
        batch_op.create_index("ix_wave_member_next", ["wave_id", "outcome", "position"], unique=False)
        batch_op.create_index(
            "ix_wave_member_open",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("outcome = 'planned'"),
            postgresql_where=sa.text("outcome = 'planned'"),
        )

    op.create_table(
        "wish",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wished_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("told_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_wish_invite_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_wish_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("invite_id", "email_key", name=op.f("uq_wish_invite_id_email_key")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index(
            "ix_wish_open",
            ["launch_id", "id"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    op.create_table(
        "data_export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("built_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("open_until", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_data_export_entry_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_data_export_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("public_id", name=op.f("uq_data_export_public_id")),
    )
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.create_index("ix_data_export_entry", ["entry_id", "id"], unique=False)

    op.create_table(
        "handoff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("exchanged_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("exchanged_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["admission_id"], ["admission.id"], name=op.f("fk_handoff_admission_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_handoff_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_handoff_code_hash")),
    )
    op.create_table(
        "broadcast",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("confirmed_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("ended_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'holding', 'sending', 'paused', 'stopped', 'done')", name=op.f("ck_broadcast_state")
        ),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_broadcast_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
        sa.UniqueConstraint("public_id", name=op.f("uq_broadcast_public_id")),
    )
    with op.batch_alter_table("broadcast", schema=None) as batch_op:
        batch_op.create_index(
            "ix_broadcast_going",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state IN ('holding', 'sending', 'paused')"),
            postgresql_where=sa.text("state IN ('holding', 'sending', 'paused')"),
        )
        batch_op.create_index(batch_op.f("ix_broadcast_launch_id"), ["launch_id"], unique=False)

    op.create_table(
        "broadcast_member",
        sa.Column(
            "broadcast_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('planned', 'written', 'skipped', 'stopped')", name=op.f("ck_broadcast_member_outcome")
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_member_broadcast_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_broadcast_member_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "position", name=op.f("pk_broadcast_member")),
        sa.UniqueConstraint("broadcast_id", "entry_id", name=op.f("uq_broadcast_member_broadcast_id_entry_id")),
    )
    with op.batch_alter_table("broadcast_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broadcast_member_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_broadcast_member_next", ["broadcast_id", "outcome", "position"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("broadcast_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("to_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("priority", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("available_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'transmitting', 'sent', 'failed', 'held', 'cancelled')",
            name=op.f("ck_message_state"),
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_message_attempt_id")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcast.id"], name=op.f("fk_message_broadcast_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_message_entry_id")),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_message_invite_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_message_launch_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_message_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_message_dedupe_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_due", ["state", "priority", "available_at", "id", "launch_id"], unique=False)
        batch_op.create_index("ix_message_entry", ["entry_id", "id"], unique=False)
        batch_op.create_index("ix_message_to", ["to_key", "state"], unique=False)
        batch_op.create_index(
            "ix_message_attempt",
            ["attempt_id"],
            unique=False,
            sqlite_where=sa.text("attempt_id IS NOT NULL"),
            postgresql_where=sa.text("attempt_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_message_invite",
            ["invite_id"],
            unique=False,
            sqlite_where=sa.text("invite_id IS NOT NULL"),
            postgresql_where=sa.text("invite_id IS NOT NULL"),
        )
        batch_op.create_index("ix_message_launch", ["launch_id", "id"], unique=False)
        batch_op.create_index("ix_message_wave", ["wave_id", "state"], unique=False)
        batch_op.create_index(
            "ix_message_broadcast",
            ["broadcast_id", "state"],
            unique=False,
            sqlite_where=sa.text("broadcast_id IS NOT NULL"),
            postgresql_where=sa.text("broadcast_id IS NOT NULL"),
        )
        batch_op.create_index("ix_message_state", ["launch_id", "state", "entry_id"], unique=False)

    op.create_table(
        "preference",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("set_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_preference_user_id")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_preference")),
    )
    op.create_table(
        "entry_tag",
        sa.Column(
            "entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tagged_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("tagged_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_tag_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_entry_tag_launch_id")),
        sa.PrimaryKeyConstraint("entry_id", "tag", name=op.f("pk_entry_tag")),
    )
    with op.batch_alter_table("entry_tag", schema=None) as batch_op:
        batch_op.create_index("ix_entry_tag_tag", ["launch_id", "tag", "entry_id"], unique=False)

    op.create_table(
        "sweep",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("confirmed_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("done_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("undone_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint("deed IN ('hold', 'release', 'move', 'vip', 'tag', 'remove')", name=op.f("ck_sweep_deed")),
        sa.CheckConstraint("state IN ('draft', 'running', 'done', 'undoing', 'undone')", name=op.f("ck_sweep_state")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_sweep_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sweep_public_id")),
    )
    with op.batch_alter_table("sweep", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sweep_going",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state IN ('running', 'undoing')"),
            postgresql_where=sa.text("state IN ('running', 'undoing')"),
        )

    op.create_table(
        "sweep_member",
        sa.Column(
            "sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('planned', 'done', 'skipped', 'undone', 'kept')", name=op.f("ck_sweep_member_outcome")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_sweep_member_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_sweep_member_sweep_id")),
        sa.PrimaryKeyConstraint("sweep_id", "position", name=op.f("pk_sweep_member")),
    )
    with op.batch_alter_table("sweep_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sweep_member_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_sweep_member_next", ["sweep_id", "outcome", "position"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("twin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state_by", sa.Text(), nullable=False),
        sa.Column("created_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('bug', 'idea', 'question')", name=op.f("ck_report_kind")),
        sa.CheckConstraint("severity IN ('blocks', 'hinders', 'small')", name=op.f("ck_report_severity")),
        sa.CheckConstraint("state IN ('new', 'seen', 'planned', 'fixed', 'wont_fix')", name=op.f("ck_report_state")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_report_entry_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_report_launch_id")),
        sa.ForeignKeyConstraint(["twin_id"], ["report.id"], name=op.f("fk_report_twin_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_report_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_public_id")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index("ix_report_entry", ["entry_id", "id"], unique=False)
        batch_op.create_index("ix_report_launch", ["launch_id", "id"], unique=False)
        batch_op.create_index("ix_report_wave", ["wave_id", "kind"], unique=False)

    op.create_table(
        "report_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_answer_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_answer")),
    )
    with op.batch_alter_table("report_answer", schema=None) as batch_op:
        batch_op.create_index("ix_report_answer_report", ["report_id", "id"], unique=False)

    op.create_table(
        "report_picture",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_picture_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_picture")),
        sa.UniqueConstraint("report_id", name=op.f("uq_report_picture_report_id")),
    )

    op.create_table(
        "guardrail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("limit_ppm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("changed_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "metric IN ('problems', 'bounces', 'complaints', 'errors')", name=op.f("ck_guardrail_metric")
        ),
        sa.CheckConstraint(
            "action IN ('warn', 'pause', 'hold', 'recall', 'revoke', 'kill')", name=op.f("ck_guardrail_action")
        ),
        sa.CheckConstraint("limit_ppm BETWEEN 1 AND 999999", name=op.f("ck_guardrail_limit_ppm")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_guardrail_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardrail")),
        sa.UniqueConstraint("launch_id", "metric", name=op.f("uq_guardrail_launch_id_metric")),
    )
    op.create_table(
        "trip",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("limit_ppm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("k", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("e", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tripped_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_trip_launch_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_trip_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip")),
        sa.UniqueConstraint("wave_id", "metric", name=op.f("uq_trip_wave_id_metric")),
    )
    op.create_table(
        "signal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('exposure', 'outcome', 'error', 'complaint')", name=op.f("ck_signal_kind")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_signal_entry_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_signal_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("entry_id", "kind", "name", name=op.f("uq_signal_entry_id_kind_name")),
    )
    with op.batch_alter_table("signal", schema=None) as batch_op:
        batch_op.create_index("ix_signal_launch", ["launch_id", "kind", "name"], unique=False)

    op.create_table(
        "experiment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("min_people", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ends_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("started_at", waitlist.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("stopped_at", waitlist.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("shipped", sa.Text(), nullable=False),
        sa.CheckConstraint("min_people IS NOT NULL OR ends_at IS NOT NULL", name=op.f("ck_experiment_planned_end")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_experiment_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment")),
        sa.UniqueConstraint("launch_id", "key", name=op.f("uq_experiment_launch_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_experiment_public_id")),
    )
    with op.batch_alter_table("experiment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_experiment_running",
            ["launch_id"],
            unique=True,
            sqlite_where=sa.text("stopped_at IS NULL"),
            postgresql_where=sa.text("stopped_at IS NULL"),
        )

    op.create_table(
        "org_unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("launch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_org_unit_launch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("launch_id", "key", name=op.f("uq_org_unit_launch_id_key")),
    )


def downgrade() -> None:
    op.drop_table("org_unit")
    with op.batch_alter_table("experiment", schema=None) as batch_op:
        batch_op.drop_index("ix_experiment_running")

    op.drop_table("experiment")
    with op.batch_alter_table("signal", schema=None) as batch_op:
        batch_op.drop_index("ix_signal_launch")

    op.drop_table("signal")
    op.drop_table("trip")
    op.drop_table("guardrail")
    op.drop_table("report_picture")
    with op.batch_alter_table("report_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_report_answer_report")

    op.drop_table("report_answer")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index("ix_report_wave")
        batch_op.drop_index("ix_report_launch")
        batch_op.drop_index("ix_report_entry")

    op.drop_table("report")
    op.drop_table("import_part")
    op.drop_table("sweep_member")
    op.drop_table("sweep")
    op.drop_table("entry_tag")
    op.drop_table("preference")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_state")
        batch_op.drop_index("ix_message_wave")
        batch_op.drop_index(
            "ix_message_broadcast",
            sqlite_where=sa.text("broadcast_id IS NOT NULL"),
            postgresql_where=sa.text("broadcast_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_message_launch")
        batch_op.drop_index("ix_message_to")
        batch_op.drop_index("ix_message_entry")
        batch_op.drop_index("ix_message_due")

    op.drop_table("message")
    op.drop_table("broadcast_member")
    op.drop_table("broadcast")
    op.drop_table("handoff")
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.drop_index("ix_data_export_entry")

    op.drop_table("data_export")
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_wish_open",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    op.drop_table("wish")
    with op.batch_alter_table("wave_member", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_wave_member_open",
            sqlite_where=sa.text("outcome = 'planned'"),
            postgresql_where=sa.text("outcome = 'planned'"),
        )
        batch_op.drop_index("ix_wave_member_next")

    op.drop_table("wave_member")
    with op.batch_alter_table("vouch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vouch_entry_id"))

    op.drop_table("vouch")
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redemption_entry_id"))

    op.drop_table("redemption")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_attempt_referrer",
            sqlite_where=sa.text("referrer_id IS NOT NULL"),
            postgresql_where=sa.text("referrer_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_attempt_open")

    op.drop_table("attempt")
    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admission_wave_id"))
        batch_op.drop_index(batch_op.f("ix_admission_entry_id"))
        batch_op.drop_index(
            "ix_admission_due", sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'")
        )

    op.drop_table("admission")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("ix_session_user")
        batch_op.drop_index("ix_session_entry")

    op.drop_table("session")
    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.drop_index("ix_invite_code_end")
        batch_op.drop_index("ix_invite_inviter")
        batch_op.drop_index(batch_op.f("ix_invite_entry_id"))
        batch_op.drop_index(
            "ix_invite_due", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index("ix_invite_address")

    op.drop_table("invite")
    op.drop_table("fact")
    with op.batch_alter_table("credit", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_credit_unfolded", sqlite_where=sa.text("folded = 0"), postgresql_where=sa.text("NOT folded")
        )
        batch_op.drop_index("ix_credit_referrer")

    op.drop_table("credit")
    op.drop_table("consent")
    op.drop_table("answer")
    with op.batch_alter_table("wave", schema=None) as batch_op:
        batch_op.drop_index("ix_wave_due")

    op.drop_table("wave")
    with op.batch_alter_table("rank_delta", schema=None) as batch_op:
        batch_op.drop_index("ix_rank_delta_line")

    op.drop_table("rank_delta")
    op.drop_table("rank_cell")
    with op.batch_alter_table("list_row", schema=None) as batch_op:
        batch_op.drop_index("ix_list_row_key")

    op.drop_table("list_row")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_import_row_referrer")
        batch_op.drop_index("ix_import_row_next")
        batch_op.drop_index("ix_import_row_email")

    op.drop_table("import_row")
    op.drop_table("event_seal")
    op.drop_table("event_detail")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("ix_entry_prefix", postgresql_ops={"email_key": "text_pattern_ops"})
        batch_op.drop_index("ix_entry_most_friends")
        batch_op.drop_index("ix_entry_created")
        batch_op.drop_index("ix_entry_domain")
        batch_op.drop_index("ix_entry_newest")
        batch_op.drop_index("ix_entry_state")
        batch_op.drop_index(
            "ix_entry_referrer",
            sqlite_where=sa.text("referrer_id IS NOT NULL"),
            postgresql_where=sa.text("referrer_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_entry_held",
            sqlite_where=sa.text("held_by IS NOT NULL"),
            postgresql_where=sa.text("held_by IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_entry_in_line",
            sqlite_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
            postgresql_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_entry_unranked",
            sqlite_where=sa.text("state = 'waiting' AND rank_key IS NULL"),
            postgresql_where=sa.text("state = 'waiting' AND rank_key IS NULL"),
        )
        batch_op.drop_index("ix_entry_owed")
        batch_op.drop_index("ix_entry_aside")
        batch_op.drop_index(
            "ix_entry_arrival",
            sqlite_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
            postgresql_where=sa.text("state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_entry_friends",
            sqlite_where=sa.text("friends > 0"),
            postgresql_where=sa.text("friends > 0"),
        )
        batch_op.drop_index("ix_entry_abuse_key")

    op.drop_table("entry")
    with op.batch_alter_table("blackout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blackout_launch_id"))

    op.drop_table("blackout")
    op.drop_table("approval")
    op.drop_table("stage")
    op.drop_table("seat_count")
    op.drop_table("question")
    op.drop_table("consent_text")
    op.drop_table("picture")
    op.drop_table("observation")
    op.drop_table("named_list")
    with op.batch_alter_table("mailbox_choice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_mailbox_choice_digest",
            sqlite_where=sa.text("digest"),
            postgresql_where=sa.text("digest"),
        )
        batch_op.drop_index(
            "ix_mailbox_choice_host",
            sqlite_where=sa.text("launch_id IS NULL"),
            postgresql_where=sa.text("launch_id IS NULL"),
        )

    op.drop_table("mail_words")
    op.drop_table("mailbox_choice")
    op.drop_table("arm_split")
    op.drop_table("line")
    op.drop_table("import_run")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_hold_open", sqlite_where=sa.text("released_at IS NULL"), postgresql_where=sa.text("released_at IS NULL")
        )

    op.drop_table("hold")
    op.drop_table("grant")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_appointment_open_host",
            sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NULL"),
        )
        batch_op.drop_index(
            "ix_appointment_open",
            sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NOT NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND launch_id IS NOT NULL"),
        )

    op.drop_table("appointment")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index("ix_passkey_user")

    op.drop_table("passkey")
    op.drop_table("gate_revision")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject")
        batch_op.drop_index("ix_event_launch")

    op.drop_table("event")
    with op.batch_alter_table("denied", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_denied_value",
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    op.drop_table("denied")
    op.drop_table("api_key")
    op.drop_table("worker_beat")
    op.drop_table("user")
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.drop_index("ix_tally_window_end")

    op.drop_table("tally")
    op.drop_table("pace")
    with op.batch_alter_table("once", schema=None) as batch_op:
        batch_op.drop_index("ix_once_created_at")

    op.drop_table("once")
    op.drop_table("launch")
    op.drop_table("job_beat")
    op.drop_table("installation")
    op.drop_table("counter")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.DropSequence(sa.Sequence("entry_number")))

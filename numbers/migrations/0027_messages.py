"""Messages, partitioned by month of received_at like calls: docs/adr/0031-call-records-by-month.md."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# As for calls (0018_call_records.py): the owner's, of this one table.
ADD_MONTHS = """
CREATE FUNCTION message_add_months(months date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first date;
    part text;
    made integer := 0;
BEGIN
    FOR first IN SELECT DISTINCT date_trunc('month', month::timestamp)::date FROM unnest(months) AS month ORDER BY 1 LOOP
        IF first NOT BETWEEN date '2000-01-01' AND date '2199-12-01' THEN
            RAISE EXCEPTION 'no month of messages: %', first USING ERRCODE = 'datetime_field_overflow';
        END IF;
        part := 'numbers_message_' || to_char(first, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        -- What ATTACH takes anyway: one at a time, and whoever waited sees what the others made.
        LOCK TABLE ONLY public.numbers_message IN SHARE UPDATE EXCLUSIVE MODE;
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.numbers_message INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                       part);
        EXECUTE format('ALTER TABLE public.numbers_message ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                       part, first || ' 00:00+00', (first + interval '1 month')::date || ' 00:00+00');
        made := made + 1;
    END LOOP;
    RETURN made;
END $$"""
# One at a time, and no waiting in front of whoever reads: beat comes again.
DROP_MONTH = """
CREATE FUNCTION message_drop_month(before date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    part text;
BEGIN
    -- Never what may still be on its way to a customer, whoever asks.
    before := least(before, (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month')::date);
    SELECT c.relname INTO part FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.numbers_message'::regclass
      AND c.relname < 'numbers_message_' || to_char(date_trunc('month', before::timestamp), 'YYYY_MM')
    ORDER BY c.relname LIMIT 1;
    IF part IS NOT NULL THEN
        EXECUTE format('DROP TABLE public.%I', part);
    END IF;
    RETURN part;
END $$"""


class CreateByMonth(migrations.CreateModel):
    """The table is as the model says, and partitioned."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{plain} PARTITION BY RANGE (received_at)"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0026_switch_secrets"),
        ("projects", "0009_push_credentials"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "switch_id", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("switch_id", models.CharField(db_collation="C", max_length=40)),
                ("digest", models.BinaryField()),
                ("purge_after", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunSQL("CREATE SEQUENCE numbers_message_id_seq", "DROP SEQUENCE numbers_message_id_seq"),
        CreateByMonth(
            name="Message",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "received_at", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "id",
                    models.BigIntegerField(
                        db_default=models.Func(models.Value("numbers_message_id_seq"), function="nextval")
                    ),
                ),
                ("message_id", models.UUIDField()),
                ("received_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("switch_id", models.CharField(db_collation="C", max_length=40)),
                ("gateway_message_id", models.CharField(db_collation="C", max_length=128)),
                ("smsc", models.CharField(max_length=128)),
                ("source", models.CharField(db_collation="C", max_length=64)),
                ("destination", models.CharField(db_collation="C", max_length=16)),
                ("text", models.TextField(null=True)),
                ("body_cleared_at", models.DateTimeField(null=True)),
                (
                    "encoding",
                    models.CharField(
                        choices=[
                            ("gsm7", "GSM 7-bit"),
                            ("ucs2", "UCS-2"),
                            ("latin1", "Latin-1"),
                            ("ascii", "ASCII"),
                            ("utf8", "UTF-8"),
                            ("binary", "Binary"),
                        ],
                        db_collation="C",
                        max_length=6,
                    ),
                ),
                ("parts", models.PositiveSmallIntegerField(db_default=1, default=1)),
                (
                    "missing_parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), db_default=[], default=list, size=None
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("delivered", "Delivered"),
                            ("failed", "Failed"),
                            ("no_url", "No URL set"),
                            ("held", "Number suspended"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_collation="C",
                        db_default="waiting",
                        default="waiting",
                        max_length=9,
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="messages",
                        to="numbers.lease",
                    ),
                ),
                (
                    "number",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="messages",
                        to="numbers.number",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="messages",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("project"),
                        models.OrderBy(models.F("received_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="message_project",
                    ),
                    models.Index(
                        models.F("lease"),
                        models.OrderBy(models.F("received_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="message_lease",
                    ),
                    models.Index(
                        models.F("received_at"), condition=models.Q(("body_cleared_at", None)), name="message_with_body"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["waiting", "delivered", "failed", "no_url", "held", "cancelled"])
                        ),
                        name="message_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("encoding__in", ["gsm7", "ucs2", "latin1", "ascii", "utf8", "binary"])),
                        name="message_encoding",
                    ),
                    models.CheckConstraint(condition=models.Q(("parts__lte", 255)), name="message_parts"),
                    models.CheckConstraint(
                        condition=models.Q(("missing_parts__len__lt", models.F("parts"))), name="message_missing_parts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("body_cleared_at", None), ("text__isnull", False)),
                            models.Q(("body_cleared_at__isnull", False), ("text", None)),
                            _connector="OR",
                        ),
                        name="message_body_cleared",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER SEQUENCE numbers_message_id_seq OWNED BY numbers_message.id",
            "ALTER SEQUENCE numbers_message_id_seq OWNED BY NONE",
        ),
        migrations.RunSQL(ADD_MONTHS, "DROP FUNCTION message_add_months(date[])"),
        migrations.RunSQL(DROP_MONTH, "DROP FUNCTION message_drop_month(date)"),
        migrations.CreateModel(
            name="MessagePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.UUIDField(default=uuid.uuid4)),
                ("source", models.CharField(db_collation="C", max_length=64)),
                ("destination", models.CharField(db_collation="C", max_length=16)),
                ("reference", models.CharField(db_collation="C", max_length=40)),
                ("total", models.PositiveSmallIntegerField()),
                ("no", models.PositiveSmallIntegerField()),
                ("content", models.BinaryField()),
                (
                    "alphabet",
                    models.CharField(
                        choices=[
                            ("gsm7", "GSM 7-bit"),
                            ("ucs2", "UCS-2"),
                            ("latin1", "Latin-1"),
                            ("ascii", "ASCII"),
                            ("utf8", "UTF-8"),
                            ("binary", "Binary"),
                        ],
                        db_collation="C",
                        max_length=6,
                    ),
                ),
                (
                    "encoding",
                    models.CharField(
                        choices=[
                            ("gsm7", "GSM 7-bit"),
                            ("ucs2", "UCS-2"),
                            ("latin1", "Latin-1"),
                            ("ascii", "ASCII"),
                            ("utf8", "UTF-8"),
                            ("binary", "Binary"),
                        ],
                        db_collation="C",
                        max_length=6,
                    ),
                ),
                ("switch_id", models.CharField(db_collation="C", max_length=40)),
                ("gateway_message_id", models.CharField(db_collation="C", max_length=128)),
                ("smsc", models.CharField(max_length=128)),
                ("sent_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                ("waiting_since", models.DateTimeField()),
                ("joined_at", models.DateTimeField(null=True)),
                (
                    "lease",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="message_parts",
                        to="numbers.lease",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("lease"), models.F("source"), models.F("reference"), name="message_part_message"
                    ),
                    models.Index(
                        models.F("waiting_since"), condition=models.Q(("joined_at", None)), name="message_part_waiting"
                    ),
                    models.Index(
                        models.F("lease"), condition=models.Q(("joined_at", None)), name="message_part_waiting_lease"
                    ),
                    models.Index(
                        models.F("joined_at"),
                        condition=models.Q(("joined_at__isnull", False)),
                        name="message_part_joined",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F("group"), models.F("no"), name="one_part_of_a_number_in_a_group"),
                    models.CheckConstraint(
                        condition=models.Q(("no__gte", 1), ("no__lte", models.F("total")), ("total__lte", 255)),
                        name="message_part_no",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("alphabet__in", ["gsm7", "ucs2", "latin1", "ascii", "utf8", "binary"])),
                        name="message_part_alphabet",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("encoding__in", ["gsm7", "ucs2", "latin1", "ascii", "utf8", "binary"])),
                        name="message_part_encoding",
                    ),
                ],
            },
        ),
    ]

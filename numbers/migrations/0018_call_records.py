"""Call records, partitioned by month of start_time: docs/adr/0031-call-records-by-month.md."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


# The application owns no tables (docs/adr/0020-two-database-roles.md): it makes and drops months of this one table by
# these two functions, which are the owner's, and nothing else. CREATE TABLE … PARTITION OF would lock out whoever reads
# the other months; to attach a table does not.
ADD_MONTHS = """
CREATE FUNCTION call_record_add_months(months date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first date;
    part text;
    made integer := 0;
BEGIN
    FOR first IN SELECT DISTINCT date_trunc('month', month::timestamp)::date FROM unnest(months) AS month ORDER BY 1 LOOP
        IF first NOT BETWEEN date '2000-01-01' AND date '2199-12-01' THEN
            RAISE EXCEPTION 'no month of calls: %', first USING ERRCODE = 'datetime_field_overflow';
        END IF;
        part := 'numbers_callrecord_' || to_char(first, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        -- What ATTACH takes anyway: one at a time, and whoever waited sees what the others made.
        LOCK TABLE ONLY public.numbers_callrecord IN SHARE UPDATE EXCLUSIVE MODE;
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.numbers_callrecord INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                       part);
        EXECUTE format('ALTER TABLE public.numbers_callrecord ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                       part, first || ' 00:00+00', (first + interval '1 month')::date || ' 00:00+00');
        made := made + 1;
    END LOOP;
    RETURN made;
END $$"""
# One at a time, and no waiting in front of whoever reads: beat comes again.
DROP_MONTH = """
CREATE FUNCTION call_record_drop_month(before date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    part text;
BEGIN
    -- Never what is still being reported, whoever asks.
    before := least(before, (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '2 months')::date);
    SELECT c.relname INTO part FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.numbers_callrecord'::regclass
      AND c.relname < 'numbers_callrecord_' || to_char(date_trunc('month', before::timestamp), 'YYYY_MM')
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
        schema_editor.sql_create_table = f"{plain} PARTITION BY RANGE (start_time)"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0017_rejected_files"),
        ("projects", "0006_app_users"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallRecordBatch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "switch_id", "batch_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("switch_id", models.CharField(db_collation="C", max_length=40)),
                ("batch_id", models.CharField(db_collation="C", max_length=128)),
                ("digest", models.BinaryField()),
                ("answer", models.JSONField(default=dict)),
                ("received_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="CallRecordKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "switch_id", "cdr_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("switch_id", models.CharField(db_collation="C", max_length=40)),
                ("cdr_id", models.CharField(db_collation="C", max_length=128)),
                ("purge_after", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="ParkedCallRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("switch_id", models.CharField(db_collation="C", max_length=40)),
                ("cdr_id", models.CharField(db_collation="C", max_length=128)),
                ("batch_id", models.CharField(db_collation="C", max_length=128)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("end_before_start", "Ends before it starts"),
                            ("too_long", "Longer than 12 hours"),
                            ("in_future", "In the future"),
                            ("too_old", "Older than 35 days"),
                            ("duration", "Duration does not fit its times"),
                        ],
                        db_collation="C",
                        max_length=16,
                    ),
                ),
                ("did", models.CharField(db_collation="C", max_length=64)),
                ("start_time", models.DateTimeField()),
                ("record", models.JSONField()),
                ("parked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_by", models.CharField(blank=True, max_length=254)),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="what was found")),
            ],
            options={
                "verbose_name": "parked call record",
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("resolved_at", None)),
                        name="parked_call_record_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["end_before_start", "too_long", "in_future", "too_old", "duration"])
                        ),
                        name="parked_call_record_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("note", ""), ("resolved_at", None), ("resolved_by", "")),
                            models.Q(
                                ("resolved_at__isnull", False),
                                models.Q(("resolved_by", ""), _negated=True),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="parked_call_record_resolved",
                    ),
                ],
            },
        ),
        migrations.RunSQL("CREATE SEQUENCE numbers_callrecord_id_seq", "DROP SEQUENCE numbers_callrecord_id_seq"),
        CreateByMonth(
            name="CallRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "start_time", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "id",
                    models.BigIntegerField(
                        db_default=models.Func(models.Value("numbers_callrecord_id_seq"), function="nextval")
                    ),
                ),
                ("switch_id", models.CharField(db_collation="C", max_length=40)),
                ("cdr_id", models.CharField(db_collation="C", max_length=128)),
                ("call_id", models.CharField(db_collation="C", max_length=255)),
                ("start_time", models.DateTimeField()),
                ("answer_time", models.DateTimeField(null=True)),
                ("end_time", models.DateTimeField()),
                ("duration", models.DecimalField(decimal_places=6, max_digits=11)),
                (
                    "direction",
                    models.CharField(choices=[("in", "Incoming"), ("out", "Outgoing")], db_collation="C", max_length=3),
                ),
                ("did", models.CharField(db_collation="C", max_length=64)),
                ("caller", models.CharField(db_collation="C", max_length=64)),
                ("caller_name", models.CharField(max_length=128)),
                ("attestation", models.CharField(db_collation="C", max_length=8)),
                ("target", models.CharField(max_length=255)),
                ("gateway", models.CharField(max_length=255)),
                ("attempt", models.PositiveSmallIntegerField(null=True)),
                ("kind", models.CharField(db_collation="C", max_length=10)),
                ("answered_by", models.CharField(max_length=255)),
                ("sip_code", models.PositiveSmallIntegerField(null=True)),
                ("hangup_by", models.CharField(db_collation="C", max_length=40)),
                ("route_source", models.CharField(db_collation="C", max_length=40)),
                ("route_etag", models.CharField(db_collation="C", max_length=80)),
                ("received_at", models.DateTimeField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("answered", "Answered"),
                            ("busy", "Busy"),
                            ("no_answer", "No answer"),
                            ("cancelled", "Cancelled"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                        ],
                        db_collation="C",
                        max_length=9,
                    ),
                ),
                ("stored_at", models.DateTimeField()),
                (
                    "lease",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="call_records",
                        to="numbers.lease",
                    ),
                ),
                (
                    "number",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="call_records",
                        to="numbers.number",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="call_records",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("project"),
                        models.OrderBy(models.F("start_time"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="call_record_project",
                    ),
                    models.Index(
                        models.F("lease"),
                        models.OrderBy(models.F("start_time"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="call_record_lease",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["answered", "busy", "no_answer", "cancelled", "refused", "failed"])
                        ),
                        name="call_record_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["in", "out"])), name="call_record_direction"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("end_time__gte", models.F("start_time"))), name="call_record_end"
                    ),
                    models.CheckConstraint(condition=models.Q(("duration__gte", 0)), name="call_record_duration"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease", None), ("number", None), ("project", None)),
                            models.Q(("lease__isnull", False), ("number__isnull", False), ("project__isnull", False)),
                            _connector="OR",
                        ),
                        name="call_record_holder",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER SEQUENCE numbers_callrecord_id_seq OWNED BY numbers_callrecord.id",
            "ALTER SEQUENCE numbers_callrecord_id_seq OWNED BY NONE",
        ),
        migrations.RunSQL(ADD_MONTHS, "DROP FUNCTION call_record_add_months(date[])"),
        migrations.RunSQL(DROP_MONTH, "DROP FUNCTION call_record_drop_month(date)"),
    ]

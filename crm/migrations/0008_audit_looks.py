"""The access log is shortened: looks of more than a year ago may go, and nothing else."""

from django.db import migrations, models

# bounded in itself: whoever calls it, and whatever they ask, younger looks and all other acts stay
FORGET = """
CREATE OR REPLACE FUNCTION crm_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.verb = 'saw' AND OLD.at < clock_timestamp() - interval '365 days' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The audit trail is only ever added to (% refused).', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $body$;

CREATE FUNCTION crm_audit_forget_looks(before timestamptz, most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  WITH gone AS (
    DELETE FROM public.crm_auditentry WHERE id IN (
      SELECT id FROM public.crm_auditentry
      WHERE verb = 'saw' AND at < least(before, clock_timestamp() - interval '365 days')
      ORDER BY at LIMIT most
    ) RETURNING 1
  ) SELECT count(*) FROM gone
$body$;
"""
BACK = """
DROP FUNCTION crm_audit_forget_looks(timestamptz, integer);
CREATE OR REPLACE FUNCTION crm_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION 'The audit trail is only ever added to (% refused).', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $body$;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_held_for_call")]

    operations = [
        migrations.AddIndex(
            "auditentry",
            models.Index(fields=["at"], condition=models.Q(verb="saw"), name="audit_looks"),
        ),
        migrations.RunSQL(FORGET, BACK),
    ]

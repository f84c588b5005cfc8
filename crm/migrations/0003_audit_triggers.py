"""Triggers: entries are only ever added, and changes of the audited tables are captured."""

from django.db import migrations

CAPTURE = """
CREATE FUNCTION crm_audit_capture() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  who bigint := nullif(current_setting('bravo.actor', true), '')::bigint;
  by_door text := coalesce(current_setting('bravo.door', true), '');
  label text := TG_ARGV[0];
  owner text := TG_ARGV[1];   -- the column with the customer's number, or ''
  quiet text[] := string_to_array(TG_ARGV[2], ',');
  low bigint; high bigint; many bigint;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    WITH pairs AS (
      SELECT n.id, to_jsonb(o) AS was, to_jsonb(n) AS becomes
      FROM new_rows n JOIN old_rows o USING (id)
    ), changed AS (
      SELECT p.id, p.was, p.becomes, k.keys FROM pairs p CROSS JOIN LATERAL (
        SELECT array_agg(e.key ORDER BY e.key) AS keys FROM jsonb_each(p.becomes) e
        WHERE e.value IS DISTINCT FROM p.was -> e.key AND NOT e.key = ANY (quiet)
      ) k WHERE k.keys IS NOT NULL
    ), made AS (
      INSERT INTO crm_auditentry AS a (at, actor_id, door, verb, model, object_id, object_last,
        count, customer_id, fields)
      SELECT clock_timestamp(), who, by_door, 'changed', label, c.id, c.id, 1,
        CASE WHEN owner <> '' THEN (c.becomes ->> owner)::bigint END, c.keys
      FROM changed c RETURNING a.id AS entry, a.object_id
    )
    INSERT INTO crm_auditvalue (entry_id, field, before, after)
    SELECT m.entry, k.key, c.was ->> k.key, c.becomes ->> k.key
    FROM made m JOIN changed c ON c.id = m.object_id CROSS JOIN LATERAL unnest(c.keys) AS k(key);
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT count(*), min(id), max(id) INTO many, low, high FROM new_rows;
  ELSE
    SELECT count(*), min(id), max(id) INTO many, low, high FROM old_rows;
  END IF;
  IF many = 0 THEN
    RETURN NULL;
  ELSIF many > 20 THEN  -- a bulk load is one act, not a million
    INSERT INTO crm_auditentry (at, actor_id, door, verb, model, object_id, object_last, count,
      fields)
    VALUES (clock_timestamp(), who, by_door,
      CASE TG_OP WHEN 'INSERT' THEN 'created' ELSE 'deleted' END, label, low, high, many, '{}');
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO crm_auditentry (at, actor_id, door, verb, model, object_id, object_last, count,
      customer_id, fields)
    SELECT clock_timestamp(), who, by_door, 'created', label, n.id, n.id, 1,
      CASE WHEN owner <> '' THEN (to_jsonb(n) ->> owner)::bigint END, '{}'
    FROM new_rows n;
  ELSE
    INSERT INTO crm_auditentry (at, actor_id, door, verb, model, object_id, object_last, count,
      customer_id, fields)
    SELECT clock_timestamp(), who, by_door, 'deleted', label, o.id, o.id, 1,
      CASE WHEN owner <> '' THEN (to_jsonb(o) ->> owner)::bigint END, '{}'
    FROM old_rows o;
  END IF;
  RETURN NULL;
END $body$;

CREATE FUNCTION crm_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION 'The audit trail is only ever added to (% refused).', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $body$;

CREATE TRIGGER crm_audit_no_change BEFORE UPDATE OR DELETE ON crm_auditentry
  FOR EACH ROW EXECUTE FUNCTION crm_audit_refuse();
CREATE TRIGGER crm_audit_no_truncate BEFORE TRUNCATE ON crm_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION crm_audit_refuse();
"""

# table: (label, column of the customer's number, columns that say nothing of their own)
TABLES = {
    "crm_agent": ("crm.agent", "", ""),
    "crm_agentskill": ("crm.agentskill", "", ""),
    "crm_consent": ("crm.consent", "customer_id", ""),
    "crm_customer": ("crm.customer", "id", "name_key,own_terms"),
    "crm_customergrant": ("crm.customergrant", "customer_id", ""),
    "crm_identity": ("crm.identity", "customer_id", ""),
    "crm_legalhold": ("crm.legalhold", "customer_id", ""),
    "crm_note": ("crm.note", "customer_id", ""),
    "crm_organisation": ("crm.organisation", "", "own_terms"),
    "crm_queue": ("crm.queue", "", ""),
    "crm_retentionrule": ("crm.retentionrule", "", "last_run_at,last_count"),
    "crm_subject": ("crm.subject", "", ""),
    "crm_user": ("crm.user", "", "password,last_login"),
    "crm_user_groups": ("crm.user_groups", "", ""),
}


def _triggers():
    for table, (label, owner, quiet) in TABLES.items():
        for verb, rows in (
            ("INSERT", "NEW TABLE AS new_rows"),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "OLD TABLE AS old_rows"),
        ):
            yield (
                f"CREATE TRIGGER crm_audit_{verb.lower()} AFTER {verb} ON {table}"
                f" REFERENCING {rows} FOR EACH STATEMENT"
                f" EXECUTE FUNCTION crm_audit_capture('{label}', '{owner}', '{quiet}');"
            )


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_hours_version")]

    operations = [
        migrations.RunSQL(
            CAPTURE + "\n".join(_triggers()),
            migrations.RunSQL.noop,
        )
    ]

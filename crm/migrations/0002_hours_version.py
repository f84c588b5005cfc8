"""Whoever changes hours, by whatever way, gives their schedule a new version: what processes keep
of the old one is then out of date for all of them."""

from django.db import migrations

TABLES = ["crm_opening", "crm_closure", "crm_datedopening"]

FUNCTIONS = """
CREATE FUNCTION crm_hours_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE crm_schedule SET version = gen_random_uuid() WHERE id = OLD.schedule_id;
  END IF;
  IF TG_OP <> 'DELETE' AND (TG_OP = 'INSERT' OR NEW.schedule_id <> OLD.schedule_id) THEN
    UPDATE crm_schedule SET version = gen_random_uuid() WHERE id = NEW.schedule_id;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION crm_schedule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version = OLD.version AND NEW IS DISTINCT FROM OLD THEN
    NEW.version = gen_random_uuid();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER crm_schedule_changed BEFORE UPDATE ON crm_schedule
  FOR EACH ROW EXECUTE FUNCTION crm_schedule_changed();
"""
UNDO = """
DROP TRIGGER crm_schedule_changed ON crm_schedule;
DROP FUNCTION crm_schedule_changed();
DROP FUNCTION crm_hours_changed();
"""


def trigger(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER crm_hours_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION crm_hours_changed();",
        f"DROP TRIGGER crm_hours_changed ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [('crm', '0001_initial')]
    operations = [migrations.RunSQL(FUNCTIONS, UNDO), *map(trigger, TABLES)]

"""What the reports keep ready, and the triggers that say what must be counted again."""

from django.db import migrations, models

TRIGGERS = """
-- to the second up to one hour, to the minute above (crm.reports.values.stepped)
CREATE FUNCTION crm_report_step(seconds double precision) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
  RETURN CASE WHEN seconds <= 3600 THEN floor(seconds) ELSE 60 * floor(seconds / 60) END;
END $body$;

CREATE FUNCTION crm_report_exchange() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO crm_reportmark (interaction_id) VALUES (NEW.id);
  END IF;
  IF TG_OP = 'DELETE' THEN
    INSERT INTO crm_reportmark (at) SELECT t FROM unnest(ARRAY[OLD.offered_at, OLD.closed_at]) t
    WHERE t IS NOT NULL;
    INSERT INTO crm_reportmark (customer_id) VALUES (OLD.customer_id);
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO crm_reportmark (at) SELECT t FROM unnest(ARRAY[
      CASE WHEN OLD.offered_at IS DISTINCT FROM NEW.offered_at THEN OLD.offered_at END,
      CASE WHEN OLD.closed_at IS DISTINCT FROM NEW.closed_at THEN OLD.closed_at END]) t
    WHERE t IS NOT NULL;
    IF (OLD.customer_id, OLD.opened_at) IS DISTINCT FROM (NEW.customer_id, NEW.opened_at) THEN
      INSERT INTO crm_reportmark (customer_id) VALUES (OLD.customer_id);
    END IF;
  END IF;
  RETURN NULL;
END $body$;

CREATE TRIGGER crm_report_new AFTER INSERT ON crm_interaction
  FOR EACH ROW EXECUTE FUNCTION crm_report_exchange();
CREATE TRIGGER crm_report_gone AFTER DELETE ON crm_interaction
  FOR EACH ROW EXECUTE FUNCTION crm_report_exchange();
-- not for each line of a chat: who wrote last is told only of what is closed
CREATE TRIGGER crm_report_changed AFTER UPDATE ON crm_interaction
  FOR EACH ROW WHEN (
    (OLD.channel, OLD.outcome, OLD.language, OLD.device, OLD.reopened, OLD.customer_id)
      IS DISTINCT FROM
    (NEW.channel, NEW.outcome, NEW.language, NEW.device, NEW.reopened, NEW.customer_id)
    OR (OLD.subject_id, OLD.real_subject_id, OLD.queue_id, OLD.agent_id, OLD.closed_by_id,
        OLD.continues_id, OLD.score)
      IS DISTINCT FROM
       (NEW.subject_id, NEW.real_subject_id, NEW.queue_id, NEW.agent_id, NEW.closed_by_id,
        NEW.continues_id, NEW.score)
    OR (OLD.opened_at, OLD.offered_at, OLD.assigned_at, OLD.first_customer_at,
        OLD.first_answer_at, OLD.closed_at, OLD.handled_at, OLD.origin)
      IS DISTINCT FROM
       (NEW.opened_at, NEW.offered_at, NEW.assigned_at, NEW.first_customer_at,
        NEW.first_answer_at, NEW.closed_at, NEW.handled_at, NEW.origin)
    OR NEW.closed_at IS NOT NULL AND (OLD.last_customer_at, OLD.last_agent_at)
      IS DISTINCT FROM (NEW.last_customer_at, NEW.last_agent_at)
  ) EXECUTE FUNCTION crm_report_exchange();

-- rows that hang on an exchange: TG_ARGV[0] is the column that names it
CREATE FUNCTION crm_report_part() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO crm_reportmark (interaction_id) VALUES ((to_jsonb(OLD) ->> TG_ARGV[0])::bigint);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO crm_reportmark (interaction_id) VALUES ((to_jsonb(NEW) ->> TG_ARGV[0])::bigint);
  END IF;
  RETURN NULL;
END $body$;

-- and by a row in between: TG_ARGV is the column that names it, its table, its key
CREATE FUNCTION crm_report_beyond() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  one jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
  EXECUTE format('INSERT INTO crm_reportmark (interaction_id) '
    'SELECT interaction_id FROM %I WHERE %I = $1', TG_ARGV[1], TG_ARGV[2])
    USING (one ->> TG_ARGV[0])::bigint;
  RETURN NULL;
END $body$;

CREATE TRIGGER crm_report_part AFTER INSERT OR UPDATE OR DELETE ON crm_worksegment
  FOR EACH ROW EXECUTE FUNCTION crm_report_part('interaction_id');
CREATE TRIGGER crm_report_part AFTER INSERT OR UPDATE OR DELETE ON crm_duetime
  FOR EACH ROW EXECUTE FUNCTION crm_report_part('interaction_id');
CREATE TRIGGER crm_report_part AFTER INSERT OR UPDATE OR DELETE ON crm_interactionfact
  FOR EACH ROW EXECUTE FUNCTION crm_report_part('interaction_id');
CREATE TRIGGER crm_report_part AFTER INSERT OR UPDATE OR DELETE ON crm_complaint
  FOR EACH ROW EXECUTE FUNCTION crm_report_part('interaction_id');

CREATE FUNCTION crm_report_complaint() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO crm_reportmark (at) VALUES (OLD.opened_at);
  RETURN NULL;
END $body$;
CREATE TRIGGER crm_report_moved AFTER UPDATE OF opened_at OR DELETE ON crm_complaint
  FOR EACH ROW EXECUTE FUNCTION crm_report_complaint();

-- who came back about what is told by the tree: another place in it changes every day
CREATE FUNCTION crm_report_tree() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO crm_reportmark (day)
  SELECT generate_series(min(offered_at)::date - 1, max(offered_at)::date + 1, '1 day')
  FROM crm_interaction HAVING min(offered_at) IS NOT NULL;
  RETURN NULL;
END $body$;
CREATE TRIGGER crm_report_tree AFTER UPDATE ON crm_subject FOR EACH ROW
  WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION crm_report_tree();
"""
UNDO = """
DROP FUNCTION crm_report_step;
DROP FUNCTION crm_report_exchange CASCADE;
DROP FUNCTION crm_report_part CASCADE;
DROP FUNCTION crm_report_beyond CASCADE;
DROP FUNCTION crm_report_complaint CASCADE;
DROP FUNCTION crm_report_tree CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0020_export_query")]

    operations = [
        migrations.CreateModel(
            name='ReportMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(null=True)),
                ('day', models.DateField(null=True)),
                ('interaction_id', models.BigIntegerField(null=True)),
                ('customer_id', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ReportBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40)),
                ('view', models.PositiveSmallIntegerField()),
                ('grain', models.CharField(choices=[('day', 'Day'), ('month', 'Month')], max_length=5)),
                ('first', models.DateField()),
                ('version', models.CharField(max_length=60)),
                ('rows', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('measure', 'view', 'grain', 'first'), name='one_block_of_a_figure')],
            },
        ),
        migrations.CreateModel(
            name='ReportWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=16)),
                ('word', models.CharField(max_length=20)),
                ('number', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('dimension', 'word'), name='one_number_of_a_word'), models.UniqueConstraint(fields=('dimension', 'number'), name='one_word_of_a_number')],
            },
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]

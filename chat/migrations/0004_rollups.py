"""An order noted in a chat says which figures must be counted again."""

from django.db import migrations

_ON = """
CREATE TRIGGER crm_report_part AFTER INSERT OR UPDATE OF order_amount OR DELETE ON chat_chat
  FOR EACH ROW EXECUTE FUNCTION crm_report_part('interaction_id')
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0021_rollups"), ("chat", "0003_before_and_letters")]

    operations = [migrations.RunSQL(_ON, "DROP TRIGGER crm_report_part ON chat_chat")]

"""Answers, verdicts and calls say which exchange's figures must be counted again."""

from django.db import migrations

_PARTS = {
    "selfcare_surveyinvitation": "crm_report_part('interaction_id')",
    "selfcare_callback": "crm_report_part('interaction_id')",
    "selfcare_callbackattempt": "crm_report_part('callback_id')",
    "selfcare_answer": (
        "crm_report_beyond('invitation_id', 'selfcare_surveyinvitation', 'id')"
    ),
}
_ON = """
CREATE TRIGGER crm_report_part AFTER INSERT OR UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION {function}
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0021_rollups"), ("selfcare", "0009_films")]

    operations = [
        migrations.RunSQL(
            _ON.format(table=table, function=function),
            f"DROP TRIGGER crm_report_part ON {table}",
        )
        for table, function in _PARTS.items()
    ]

"""The usual promises of the trade, to begin with; administrators change them in the console."""

from django.db import migrations

TARGETS = [
    {"name": "Réclamations", "position": 10, "nature": "complaint", "first_answer": "2 d",
     "solution": "10 d", "latest_days": 30},
    {"name": "Chat", "position": 20, "channel": "chat", "first_answer": "30 s",
     "next_answer": "2 min", "notify_lead": False},
    {"name": "Rappel", "position": 30, "channel": "callback", "first_answer": "5 min"},
    {"name": "E-mail", "position": 40, "channel": "mail", "first_answer": "24 h",
     "next_answer": "24 h"},
]


def seed(apps, schema_editor):
    Target = apps.get_model("crm", "Target")
    if not Target.objects.exists():
        Target.objects.bulk_create(Target(**one) for one in TARGETS)


class Migration(migrations.Migration):
    dependencies = [('crm', '0003_audit_triggers')]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

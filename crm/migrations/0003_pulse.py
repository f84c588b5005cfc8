from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("crm", "0002_interaction_ended_at")]

    operations = [
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]

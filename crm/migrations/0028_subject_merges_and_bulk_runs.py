"""Subjects are merged, and counted as what they were merged into; the same is done to many at once."""

import crm.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# who came back about what is told by what a subject counts as, too
TREE = """
DROP TRIGGER crm_report_tree ON crm_subject;
CREATE TRIGGER crm_report_tree AFTER UPDATE ON crm_subject FOR EACH ROW
  WHEN ((OLD.parent_id, OLD.merged_into_id) IS DISTINCT FROM (NEW.parent_id, NEW.merged_into_id))
  EXECUTE FUNCTION crm_report_tree();
"""
BACK = """
DROP TRIGGER crm_report_tree ON crm_subject;
CREATE TRIGGER crm_report_tree AFTER UPDATE ON crm_subject FOR EACH ROW
  WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION crm_report_tree();
"""

class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0027_export_takeouts'),
    ]

    operations = [
        migrations.CreateModel(
            name='SubjectMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=crm.clock.now, verbose_name='when')),
                ('was_active', models.BooleanField(default=True)),
                ('moved', models.JSONField(default=dict)),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone')),
            ],
            options={
                'verbose_name': 'merge of subjects',
                'verbose_name_plural': 'merges of subjects',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='subject',
            name='merged_into',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='crm.subject', verbose_name='counts as'),
        ),
        migrations.AddConstraint(
            model_name='subject',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('is_active', False), models.Q(('merged_into', models.F('id')), _negated=True)), _connector='OR'), name='merged_subject_is_retired'),
        ),
        migrations.AddField(
            model_name='subjectmerge',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='subjectmerge',
            name='gone',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='crm.subject', verbose_name='merged subject'),
        ),
        migrations.AddField(
            model_name='subjectmerge',
            name='kept',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.subject', verbose_name='subject'),
        ),
        migrations.AddField(
            model_name='subjectmerge',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='subjectmerge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('gone',), name='subject_merged_once'),
        ),
        migrations.CreateModel(
            name='BulkRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(max_length=40, verbose_name='what')),
                ('options', models.JSONField(default=dict, verbose_name='with')),
                ('state', models.CharField(choices=[('new', 'to be started'), ('running', 'running'), ('done', 'done'), ('undoing', 'being undone'), ('undone', 'undone')], default='new', max_length=8, verbose_name='state')),
                ('created_at', models.DateTimeField(default=crm.clock.now, verbose_name='when')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'bulk action',
                'verbose_name_plural': 'bulk actions',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='BulkRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.BigIntegerField(verbose_name='record')),
                ('outcome', models.CharField(blank=True, choices=[('', 'pending'), ('done', 'done'), ('skipped', 'skipped'), ('undone', 'undone'), ('left', 'not undone')], max_length=8, verbose_name='outcome')),
                ('why', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='crm.bulkrun')),
            ],
            options={
                'verbose_name': 'row of a bulk action',
                'verbose_name_plural': 'rows of bulk actions',
                'ordering': ['run', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='bulkrun',
            index=models.Index(condition=models.Q(('state__in', ['running', 'undoing'])), fields=['id'], name='bulk_to_do'),
        ),
        migrations.AddIndex(
            model_name='bulkrow',
            index=models.Index(fields=['run', 'outcome', 'id'], name='bulk_by_outcome'),
        ),
        migrations.AddConstraint(
            model_name='bulkrow',
            constraint=models.UniqueConstraint(fields=('run', 'record_id'), name='bulk_row_once'),
        ),
        migrations.RunSQL(TREE, BACK),
    ]

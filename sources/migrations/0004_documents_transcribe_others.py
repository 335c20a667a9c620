"""A transcription names the document without text whose words it writes down."""

import django.db.models.deletion
from django.db import migrations, models

import sources.constraints


class Migration(migrations.Migration):
    dependencies = [("sources", "0003_documents_say_what_they_lack")]

    operations = [
        migrations.AddField(
            model_name='document',
            name='transcribes',
            field=models.ForeignKey(blank=True, help_text='The document without text, of the same source, whose words somebody wrote down.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transcriptions', to='sources.document'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('transcribes', models.F('id')), _negated=True), name='document_transcribes_another', violation_error_message='A document cannot transcribe itself.'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=sources.constraints.CompositeForeignKey(fields=['transcribes', 'source'], name='document_transcribes_one_of_its_source', to_fields=['id', 'source'], violation_error_message='A transcription is of a document of the same source.'),
        ),
    ]

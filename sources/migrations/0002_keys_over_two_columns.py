"""Foreign keys over two columns, after the unique constraints that they refer to."""

from django.db import migrations

import sources.constraints


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name='passage',
            constraint=sources.constraints.CompositeForeignKey(fields=['document', 'source'], name='passage_document_is_of_its_source', to_fields=['id', 'source'], violation_error_message='The document is one of another source.'),
        ),
    ]

"""Foreign keys over two columns, after the unique constraints that they refer to."""

from django.db import migrations

import sources.constraints


class Migration(migrations.Migration):
    dependencies = [("battles", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name='statement',
            constraint=sources.constraints.CompositeForeignKey(fields=['evidence', 'id'], name='evidence_is_a_citation_of_its_own', to_fields=['id', 'statement'], violation_error_message="The evidence is not one of the statement's citations."),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=sources.constraints.CompositeForeignKey(fields=['side', 'battle'], name='statement_side_is_of_its_battle', to_fields=['id', 'battle'], violation_error_message='The side is one of another battle.'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=sources.constraints.CompositeForeignKey(fields=['victor', 'battle'], name='statement_victor_is_of_its_battle', to_fields=['id', 'battle'], violation_error_message='The victor is a side of another battle.'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=sources.constraints.CompositeForeignKey(fields=['question', 'battle'], name='statement_question_is_of_its_battle', to_fields=['id', 'battle'], violation_error_message='The question is one about another battle.'),
        ),
    ]

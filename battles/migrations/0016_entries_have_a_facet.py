from django.db import migrations, models

import sources.constraints

FACETS = [
    ('party', 'party'),
    ('person', 'person'),
    ('place', 'place'),
    ('claimant', 'claimant'),
    ('victor', 'victor'),
    ('degree', 'degree of the result'),
    ('disputed', 'question on which accounts differ'),
]


def repeat_the_facets(apps, schema_editor):
    entry, heading = apps.get_model('battles', 'Entry'), apps.get_model('battles', 'Heading')
    own = heading.objects.filter(pk=models.OuterRef('heading')).order_by().values('facet')
    entry.objects.update(facet=models.Subquery(own))


class Migration(migrations.Migration):

    dependencies = [
        ('battles', '0015_count_what_filters_leave'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='heading',
            constraint=models.UniqueConstraint(fields=('id', 'facet'), name='heading_facet_key', violation_error_message='The index already has this heading.'),
        ),
        migrations.AddField(
            model_name='entry',
            name='facet',
            field=models.CharField(choices=FACETS, default='', help_text='That of the heading, so that entries are counted without a look at headings.', max_length=20),
            preserve_default=False,
        ),
        migrations.RunPython(repeat_the_facets, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='entry',
            constraint=sources.constraints.CompositeForeignKey(fields=['heading', 'facet'], name='entry_has_the_facet_of_its_heading', to_fields=['id', 'facet'], violation_error_message='The heading is one of another facet.'),
        ),
        migrations.RemoveIndex(
            model_name='entry',
            name='entry_of_battle',
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['battle', 'facet', 'heading'], name='entry_of_battle'),
        ),
    ]

import uuid

import django.db.models.deletion
from django.db import migrations, models

FACETS = [
    ('party', 'party'),
    ('person', 'person'),
    ('place', 'place'),
    ('claimant', 'claimant'),
    ('victor', 'victor'),
    ('degree', 'degree of the result'),
    ('disputed', 'question on which accounts differ'),
]


class Migration(migrations.Migration):
    """The index is empty and the sort keys are blank until `manage.py rebuild_index` has run."""

    dependencies = [
        ('battles', '0002_keys_over_two_columns'),
        ('sources', '0002_keys_over_two_columns'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heading',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('facet', models.CharField(choices=FACETS, max_length=20)),
                ('key', models.CharField(help_text='The id of what it names, or a code.', max_length=40)),
                ('number', models.PositiveIntegerField(default=0, help_text='How many battles are under it.')),
                ('entity', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='headings', to='battles.entity')),
                ('origin', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.origin')),
            ],
            options={
                'ordering': ['facet', '-number', 'pk'],
                'indexes': [models.Index(fields=['facet', '-number', 'id'], name='heading_with_most')],
                'constraints': [
                    models.UniqueConstraint(fields=('facet', 'key'), name='heading_stands_once_in_the_index', violation_error_message='The index already has this heading.'),
                    models.CheckConstraint(condition=models.Q(('entity__isnull', True), ('origin__isnull', True), _connector='OR'), name='heading_names_one_thing', violation_error_message='A heading names an entity or an origin, not both.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('heading_id', 'battle_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('heading', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='battles.heading')),
                ('battle', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='battles.battle')),
            ],
            options={
                'ordering': ['heading_id', 'battle_id'],
                'indexes': [models.Index(fields=['battle', 'heading'], name='entry_of_battle')],
            },
        ),
        migrations.CreateModel(
            name='Voice',
            fields=[
                ('pk', models.CompositePrimaryKey('source_id', 'origin_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sources.source')),
                ('origin', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sources.origin')),
            ],
            options={
                'ordering': ['source_id', 'origin_id'],
                'indexes': [models.Index(fields=['origin', 'source'], name='voice_of_origin')],
            },
        ),
        migrations.AddField(
            model_name='battle',
            name='first_day',
            field=models.BigIntegerField(editable=False, help_text='The earliest day that a published date can mean, counted as dates are; lists are sorted by it.', null=True),
        ),
        migrations.AddField(
            model_name='battle',
            name='statements_published',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='battle',
            name='sort_key',
            field=models.BinaryField(default=b'', max_length=120),
        ),
        migrations.AddField(
            model_name='entity',
            name='sort_key',
            field=models.BinaryField(default=b'', max_length=120),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(fields=['sort_key', 'id'], name='battle_by_name'),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(fields=['first_day', 'sort_key', 'id'], name='battle_by_date'),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(fields=['-statements_published', 'sort_key', 'id'], name='battle_by_statements'),
        ),
        migrations.AddIndex(
            model_name='entity',
            index=models.Index(fields=['sort_key', 'id'], name='entity_by_name'),
        ),
        migrations.AddIndex(
            model_name='statement',
            index=models.Index(condition=models.Q(('kind', 'date'), ('state', 'published')), fields=['date_latest', 'date_earliest', 'battle'], name='published_dates'),
        ),
    ]

"""The entries of the search, and the full-text index of each database over them.

On SQLite the index is a table of its own that names its entries by id, so that rebuilding the
table of the entries leaves it as it was. Tokens come ready made: the tokenizer only parts them at
spaces. On PostgreSQL it is two columns that the database derives.
"""

from django.db import migrations, models

SQLITE = """
CREATE VIRTUAL TABLE sources_searchindex USING fts5(
    words, context,
    content='sources_searchentry', content_rowid='id', columnsize=0, tokenize='ascii'
)
"""

# Only the words of an entry, and all of its tokens.
POSTGRESQL = """
ALTER TABLE sources_searchentry
    ADD COLUMN words_index tsvector GENERATED ALWAYS AS (
        array_to_tsvector(array_remove(string_to_array(words, ' '), ''))
    ) STORED,
    ADD COLUMN whole_index tsvector GENERATED ALWAYS AS (
        array_to_tsvector(array_remove(string_to_array(words || ' ' || context, ' '), ''))
    ) STORED;
CREATE INDEX sources_searchentry_words ON sources_searchentry
    USING gin (words_index) WITH (fastupdate = off);
CREATE INDEX sources_searchentry_whole ON sources_searchentry
    USING gin (whole_index) WITH (fastupdate = off);
"""


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)
    else:
        schema_editor.execute(POSTGRESQL)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE sources_searchindex")


class Migration(migrations.Migration):
    dependencies = [("sources", "0005_what_citations_need")]

    operations = [
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('owner', models.UUIDField(db_index=True, help_text='The row that was indexed.')),
                ('start', models.PositiveBigIntegerField(default=0, help_text="Of a paragraph: its first code point in the document's text.")),
                ('text', models.TextField(blank=True, help_text='What a result quotes from.')),
                ('words', models.TextField(help_text='The tokens of what it says itself.')),
                ('context', models.TextField(blank=True, help_text='The tokens of what belongs to it.')),
            ],
            options={
                'verbose_name_plural': 'search entries',
                'ordering': ['id'],
                'default_permissions': (),
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]

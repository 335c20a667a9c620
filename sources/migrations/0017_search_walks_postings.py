"""On PostgreSQL, an index of the search that has an order, in place of one that has none."""

from django.db import migrations

POSTINGS = """
CREATE TABLE sources_searchposting (
    own boolean NOT NULL,
    token text COLLATE "C" NOT NULL,
    id bigint NOT NULL
);
-- Which tokens are common decides how the table is asked.
ALTER TABLE sources_searchposting ALTER COLUMN token SET STATISTICS 1000;
INSERT INTO sources_searchposting
SELECT found.own, found.token, entry.id FROM sources_searchentry AS entry, LATERAL (
    SELECT bool_or(said.own) AS own, form.token
    FROM (VALUES (true, entry.words), (false, entry.context)) AS said (own, tokens),
        string_to_table(said.tokens, ' ') AS word (token),
        LATERAL (
            SELECT word.token UNION ALL SELECT left(word.token, 1) || '*' WHERE word.token ~ %s
        ) AS form (token)
    WHERE word.token NOT IN ('', '¦')
    GROUP BY form.token
) AS found;
ALTER TABLE sources_searchposting ADD PRIMARY KEY (own, token, id);
ANALYZE sources_searchposting;
ALTER TABLE sources_searchentry DROP COLUMN words_index, DROP COLUMN whole_index;
"""
# Han, Hangul and kana, which are written without spaces.
UNSPACED = (
    "\u1100-\u11ff\u3005\u3007\u3041-\u3096\u30a1-\u30fc\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)

BACK = """
DROP TABLE sources_searchposting;
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


def make_postings(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(POSTINGS, [f"^[{UNSPACED}]"])


def go_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BACK)


class Migration(migrations.Migration):
    dependencies = [("sources", "0016_count_public_passages")]

    operations = [migrations.RunPython(make_postings, go_back)]

"""The whole way: a file comes in, statements are cited into it, and a reader opens the words."""

import re

import pytest
from django.core.management import call_command

from archive.verification import verify
from battles.kinds import Bound, Category, Kind
from battles.models import Statement
from battles.publication import publish
from sources.anchoring import quote_hash
from sources.models import Document, Passage, Source
from tests.builders import cite, make_battle, make_curator, make_origin, make_side, make_statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"


def test_three_accounts_become_three_documents_and_their_statements_open_them(
    originals, client, capsys
):
    call_command("ingest", *sorted(originals.glob("seeds/*.txt")))
    assert Document.objects.count() == 3

    source = Source.objects.get(slug="kumsong-encyclopedia")
    source.origin = make_origin("An encyclopedia")
    source.rights = Source.Rights.OPEN_LICENCE
    source.save()
    document = source.documents.get()
    assert document.text_length == 3576
    battle = make_battle("Battle of Kumsong", slug="battle-of-kumsong")
    figures = make_statement(
        Kind.CASUALTIES,
        battle=battle,
        side=make_side("China", battle=battle),
        printed="Chinese sources: 32,253",
        value=32_253,
        category=Category.UNSPECIFIED,
        bound=Bound.EXACTLY,
    )
    dated = make_statement(
        Kind.DATE, battle=battle, date_edtf="1953-07-13/1953-07-27", printed="13–27 July 1953"
    )
    start = document.text.content.index("13–27 July 1953")
    spans = {figures: (640, 666), dated: (start, start + 15)}
    for statement, (first, end) in spans.items():
        passage = Passage.objects.create(source=source, document=document, start=first, end=end)
        cite(statement, passage)
    publish(spans)

    page = client.get(battle.get_absolute_url()).content.decode()
    reader = client.get(f"/documents/{document.pk}/").content.decode()
    for statement in Statement.objects.published():
        assert f'data-statement="{statement.pk}"' in page
        citation = statement.citations.get()
        [link] = re.findall(rf'<a[^>]*data-citation="{citation.pk}"[^>]*>', page)
        assert f'href="/documents/{document.pk}/#p-{citation.passage_id}"' in link
        mark = rf'<mark[^>]*id="p-{citation.passage_id}"[^>]*>([^<]*)</mark>'
        [words] = re.findall(mark, reader)
        assert quote_hash(words) == citation.passage.quote_sha256
    assert "32,253" in page
    assert list(verify()) == []

    make_curator()
    client.login(username="curator", password="ford-and-river")
    for model in ("sources/source", "sources/document", "battles/battle", "battles/statement"):
        assert client.get(f"/admin/{model}/").status_code == 200

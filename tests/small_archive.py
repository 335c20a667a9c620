"""A small archive with a page of every kind, for tests of all of them."""

from battles.kinds import Bound, Category, Kind, Section
from battles.models import Battle, Entity
from battles.publication import publish, withdraw
from sources.anchoring import quote_hash
from sources.models import Gloss, Passage
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_entity,
    make_locator,
    make_origin,
    make_passage,
    make_question,
    make_side,
    make_source,
    make_statement,
)

TEXT = (
    "The Chronicle of the Ford (Chinese: 金城战役).\n\n"
    "Northern sources: 2,689 killed. Chinese sources: 32,253. Korean estimate: 66,000.\n\n"
    "The army crossed the ford at dawn, and the army crossed the ford again at dusk.\f"
    "Nobody knows who had the guns. Deng Hua led the north."
)


PLACES = {
    "Ford": {"latitude": "38.4", "longitude": "127.6", "precision": "point"},
    "Hills": {"latitude": "38.9", "longitude": "127.2", "precision": "radius", "radius_km": 40},
    "North Country": {"latitude": "40.5", "longitude": "127", "precision": "region"},
    "Lost Village": {},
}


def make_place(name: str) -> Entity:
    where = PLACES[name]
    return make_entity(
        name, "place", **where, **({"gazetteer": "the surveyor's list"} if where else {})
    )


def make_small_archive() -> dict[str, str]:
    """Publish a battle on every kind of source; return the addresses of the pages by name."""
    states = make_origin("States", slug="states")
    china = make_origin("China", slug="china", part_of=states)
    korea = make_origin("South Korea", slug="south-korea", part_of=states)
    chroniclers = make_origin("Chroniclers", slug="chroniclers")
    chronicle = make_source(slug="chronicle", origin=chroniclers, language="en")
    annals = make_source(
        slug="annals",
        title="History of the River War",
        title_original="河战史",
        language="zh-Hans",
        origin=china,
        rights="in_copyright",
    )
    held = make_document(TEXT, source=chronicle)
    protected = make_document(TEXT * 9, source=make_source(origin=korea, rights="in_copyright"))
    absent = make_document(source=annals, held=False)
    not_held = Passage.objects.create(
        source=annals, document=absent, start=0, end=9, quote_sha256=quote_hash("Chronicle")
    )
    locator = make_locator("p. 479", source=annals)
    for passage in (not_held, locator):
        Gloss.objects.create(passage=passage, language="en", text="In other words.", by="us")

    war = make_battle("River War", slug="river-war", scale="war")
    battle = make_battle("Battle of the Ford", slug="the-ford", part_of=war)
    side = make_side("North", battle=battle)
    question = make_question("Who had the guns?", battle=battle)
    figures = {"side": side, "category": Category.UNSPECIFIED, "bound": Bound.EXACTLY}

    def state(kind, quote, *, of=battle, document=held, claimant=None, **values):
        statement = make_statement(kind, battle=of, **values)
        passage = quote if isinstance(quote, Passage) else make_passage(quote, document=document)
        cite(statement, passage, **({"claimant": claimant} if claimant else {}))
        return statement

    statements = [
        state(Kind.NARRATIVE, "The army crossed", of=war, text="A war was fought on a river."),
        state(Kind.NAME, "金城战役", text="金城战役", language="zh-Hans", script="Hans"),
        state(Kind.DATE, "at dawn", date_edtf="1453-05-29", printed="29 May"),
        state(Kind.DATE, "2,689 killed", document=protected, date_edtf="1454"),
        state(Kind.PART_OF, "The Chronicle", parent=war),
        state(Kind.RESULT, not_held, victor=side, degree=""),
        state(Kind.COMMANDER, "Deng Hua", entity=make_entity("Deng Hua", "person"), side=side),
        state(Kind.BELLIGERENT, "the north", entity=make_entity("North", slug="north"), side=side),
        state(Kind.CASUALTIES, "Chinese sources: 32,253", claimant=china, value=32253, **figures),
        state(Kind.CASUALTIES, "Korean estimate: 66,000", claimant=korea, value=66000, **figures),
        state(Kind.NARRATIVE, "crossed the ford at dawn, and", text="They crossed at dawn."),
        state(
            Kind.NARRATIVE,
            "dawn, and the army crossed the ford again",
            text="They crossed again.",
            position=1,
        ),
        *(
            state(
                Kind.NARRATIVE,
                "Nobody knows who had the guns",
                claimant=claimant,
                question=question,
                section=Section.FORCES,
                text=f"It was said in {claimant} that the others had.",
            )
            for claimant in (china, korea)
        ),
        state(Kind.NOTE, locator, text="The two accounts were written by one hand."),
        *(state(Kind.PLACE, "the ford", place=make_place(name)) for name in PLACES),
    ]
    publish(statements)
    gone = state(Kind.NARRATIVE, "The army crossed", text="Nobody crossed.")
    publish([gone])
    gone.refresh_from_db()
    withdraw([gone], "The passage says the contrary.")
    sentence = next(row for row in statements if row.text == "They crossed at dawn.")
    sentence.refresh_from_db()
    assert Battle.objects.public().count() == 2
    deng, ford = Entity.objects.get(name="Deng Hua"), Entity.objects.get(name="Ford")
    deng.names.create(text="邓华", language="zh-Hans", script="Hans")
    deng.names.create(text="Deng Hua", language="zh-Latn", script="Latn", romanises="邓华")
    deng.identifiers.create(scheme="wikidata", value="Q0")
    return {
        "home": "/",
        "about": "/about/",
        "battles": "/battles/",
        "battles, filtered": "/battles/?from_year=1400",
        "battles, wrong": "/battles/?war=nowhere",
        "battles, sorted": "/battles/?sort=statements&disputed=yes&party=north",
        "map": "/battles/?view=map",
        "map, filtered": "/battles/?war=river-war&view=map",
        "timeline": "/battles/?view=timeline",
        "index": "/entities/",
        "index, wrong": "/entities/?kind=horse",
        "person": deng.get_absolute_url(),
        "place": ford.get_absolute_url(),
        "battle": "/battles/the-ford/",
        "battle, filtered": "/battles/the-ford/?origin=china",
        "battle, wrong": "/battles/the-ford/?origin=nobody",
        "war": "/battles/river-war/",
        "battle, narrowed": "/battles/the-ford/?claimant=china&proximity=unknown",
        "edition": "/battles/the-ford/editions/1/",
        "edition, less what was withdrawn": "/battles/the-ford/editions/2/",
        "history": "/battles/the-ford/history/",
        "history, compared": "/battles/the-ford/history/?from=2&to=3",
        "history, wrong": "/battles/the-ford/history/?from=3&to=9",
        "accounts": "/battles/the-ford/accounts/",
        "accounts of two": "/battles/the-ford/accounts/?claimants=china,south-korea",
        "accounts, wrong": "/battles/the-ford/accounts/?claimants=nobody",
        "accounts of one": "/battles/river-war/accounts/",
        "statement": sentence.get_absolute_url(),
        "sources": "/sources/",
        "sources, filtered": "/sources/?claimant=china&sort=latest",
        "source": "/sources/chronicle/",
        "source, not held": "/sources/annals/",
        "origin": "/origins/china/",
        "reader, open": held.get_absolute_url(),
        "reader, protected": protected.get_absolute_url(),
        "reader, not held": absent.get_absolute_url(),
        "passage": sentence.evidence.passage.get_absolute_url(),
        "passage, not held": locator.get_absolute_url(),
        "search": "/search/",
        "search, found": "/search/?q=crossed",
        "search, one kind": "/search/?q=crossed&kind=texts",
        "search, wrong": "/search/?q=crossed&kind=ships",
        "missing": "/nowhere/",
        "withdrawn": gone.get_absolute_url(),
        # Characters that no page may hold, asked of each page that says back what was asked.
        **{
            f"{name} in no text, wrong": address
            for name, address in {
                "battles": "/battles/?war=%00&place=%01%1b&claimant=%7f&sort=%C2%80&view=%00",
                "sources": "/sources/?kind=%00&language=%EF%BF%BE",
                "index": "/entities/?kind=%00",
                "battle": "/battles/the-ford/?origin=%00",
                "accounts": "/battles/the-ford/accounts/?claimants=%00",
                "history": "/battles/the-ford/history/?from=%00",
                "search": "/search/?q=%01%EF%BF%BE%F0%9F%BF%BF",
                "search of one kind": "/search/?q=x&kind=%00",
            }.items()
        },
    }

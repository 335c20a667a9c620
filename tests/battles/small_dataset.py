"""A small dataset of two tables, a document and the mapping that reads them."""

from pathlib import Path

MAPPING = """
format = 1
name = "fords"

[dataset]
slug = "fords"
title = "Fords and Losses"
origin = "ford-society"
rights = "open_licence"

[[origin]]
slug = "ford-society"
name = "Society of Fords"
kind = "scholarship"

[[origin]]
slug = "the-north"
name = "The North"
kind = "state"

[[source]]
slug = "annals"
title = "Annals"
rights = "public_domain"
origin = "the-north"

[document.annals]
file = "annals.txt"
source = "annals"

[file.battles]
name = "battles.csv"
columns = ["id", "name", "war", "winner"]
key = ["id"]

[file.losses]
name = "losses.csv"
columns = ["battle", "side", "value", "low", "high"]
key = ["battle", "side"]
join.battles = { battle = "id" }

[file.places]
name = "places.jsonl"
columns = ["battle", "words", "start", "end", "page"]
key = ["battle", "start"]

[values.side]
north = "North"
south = "South"

[[battle]]
file = "battles"
id = "war {war}"
name = "{war|title}"
scale = "war"

[[battle]]
file = "battles"
id = "{id}"
name = "{name}"
part_of = "war {war}"

[[side]]
file = "losses"
battle = "{battle}"
id = "{side}"
name = "{side|side}"

[[statement]]
name = "war"
file = "battles"
once = "{war}"
battle = "war {war}"
kind = "name"
text = "{war|title}"
printed = "{war}"

[[statement]]
name = "part"
file = "battles"
battle = "{id}"
kind = "part_of"
parent = "war {war}"

[[statement]]
name = "result"
file = "battles"
when = "{winner}"
battle = "{id}"
kind = "result"
victor = "{winner}"

[[statement]]
name = "loss"
file = "losses"
battle = "{battle}"
kind = "casualties"
side = "{side}"
value = "{value}"
low = "{low}"
high = "{high}"
bound = "exactly"
counted = "persons"
category = "unspecified"
printed = "{value}"

[[statement]]
name = "course"
file = "places"
battle = "{battle}"
kind = "narrative"
section = "course"
text = "{words}"
claimant = "the-north"
document = "annals"
start = "{start}"
end = "{end}"
page = "{page}"
quote = "{words}"
"""

ANNALS = "At the ford they met.\fThey met again\nat the ford, and they met no more."

BATTLES = "id,name,war,winner\n1,First Ford,RIVER WAR II,north\n2,Second Ford,RIVER WAR II,\n"
LOSSES = "battle,side,value,low,high\n1,north,0,,\n1,south,1500,1200,\n2,north,,30,40\n"
PLACES = (
    '{"battle": "1", "words": "they met", "start": 12, "end": 20, "page": 1}\n'
    '{"battle": "2", "words": "They met again at the ford", "start": 22, "end": 48, "page": 2}\n'
)


def write_dataset(folder: Path, **changed: str | bytes) -> list[Path]:
    """Write the files of the dataset, or what stands for them, and return their paths."""
    files: dict[str, str | bytes] = {
        "battles.csv": changed.get("battles", BATTLES),
        "losses.csv": changed.get("losses", LOSSES),
        "places.jsonl": changed.get("places", PLACES),
        "annals.txt": changed.get("annals", ANNALS),
    }
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    return [folder / name for name in files]

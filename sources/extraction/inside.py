"""Inside the box: reads one file and writes what it found; `box` starts it, and trusts nothing.

    python -m sources.extraction.inside ANSWER PARENT SECONDS NAME VERSION PATH CHARSET

ANSWER is an open descriptor. One line of JSON is written to it, and after that the text in UTF-8.
"""

import gc
import json
import os
import sys
import traceback
from pathlib import Path

from sources.extraction.bases import Extraction, ExtractionError
from sources.extraction.confinement import LARGEST_ANSWER, MEMORY, confine


def main(
    answer: str, parent: str, seconds: str, name: str, version: str, path: str, charset: str
) -> None:
    """Give up all rights that reading does not need, then read."""
    told: dict[str, object] = {"missing": confine(int(parent), float(seconds))}
    # Looking for garbage takes half the time of reading a long DOCX, and all of it goes at the end.
    gc.disable()
    # Later, so that what the libraries of a format do as they load is confined too.
    from sources.extraction import extractor_named

    text = b""
    try:
        extraction = extractor_named(name, version).extract(Path(path), charset or None)
        text = _encoded(extraction)
        told |= {"charset": extraction.charset, "lacks": extraction.lacks}
    except ExtractionError as refusal:
        told["refused"] = str(refusal)
    except MemoryError:
        told["refused"] = f"Reading it takes more than {MEMORY >> 20} MiB of memory."
    except RecursionError:
        told["refused"] = "What it holds is nested too deep to be read."
    except Exception as error:
        told["refused"] = f"It is damaged, or is not what it says it is ({type(error).__name__})."
        told["trace"] = traceback.format_exc(limit=-8)[-4000:]
    with os.fdopen(int(answer), "wb") as out:
        out.write(json.dumps(told).encode() + b"\n" + text)


def _encoded(extraction: Extraction) -> bytes:
    text = extraction.text.encode()
    if len(text) > LARGEST_ANSWER - 100_000:
        raise ExtractionError(f"Its text is longer than {LARGEST_ANSWER >> 20} MiB.")
    return text


if __name__ == "__main__":
    main(*sys.argv[1:])

"""LaTeX in the values of BibTeX fields: read into plain text, and plain text made safe for it.

Text is UTF-8 in both directions, so that only what LaTeX would take for a command is escaped. A
command that is not known here stays as it is written: nothing is lost without a trace.
"""

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_SYMBOLS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å",
    "AA": "Å", "l": "ł", "L": "Ł", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ",
    "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ", "i": "ı", "j": "ȷ",
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "dots": "…", "ldots": "…",
    "textellipsis": "…", "textendash": "–", "textemdash": "—", "textquoteleft": "‘",
    "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”",
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}",
    "textasciicircum": "^", "textasciitilde": "~", "textquotedbl": '"', "textasciigrave": "`",
    "textquotesingle": "'", "textdollar": "$", "textunderscore": "_", "textbar": "|",
    "textless": "<", "textgreater": ">", "textdegree": "°", "textexclamdown": "¡",
    "textquestiondown": "¿", "guillemotleft": "«", "guillemotright": "»", "slash": "/",
}  # fmt: skip
_ESCAPED = {" ": " ", ",": "\u2009", "\\": " ", "-": "", "/": "", "\n": " "} | {
    mark: mark for mark in "{}$&#%_@"
}
_STYLES = (
    "emph|textit|textbf|textsc|textsl|textsf|texttt|textrm|textup|textmd|textnormal|text|mbox|"
    "mkbibemph|mkbibitalic|mkbibbold|MakeUppercase|url|nolinkurl|protect"
)
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”", "?`": "¿", "!`": "¡", "~": "\u00a0"}

_TOKEN = re.compile(
    r"""
    \\(?:(?P<accent>['"^`~=.])|(?P<letter_accent>[uvHckrbd])(?![A-Za-z]))\s*
        (?:\{\s*(?P<braced>\\[ij](?![A-Za-z])|[^{}\\\s])\s*\}
          |(?P<bare>\\[ij](?![A-Za-z])|[^{}\\\s]))
    |\\(?P<symbol>SYMBOLS)(?![A-Za-z])\s*(?:\{\})?
    |\\(?:STYLES)(?![A-Za-z])\s*(?=\{)
    |\\(?P<escaped>[ ,\\/\n{}$&#%_@-])
    |(?P<unknown>\\[A-Za-z]+\*?\s*(?:\{[^{}]*\})*|\\.?|\$[^$]*\$)
    |(?P<ligature>---?|``|''|\?`|!`|~)
    |[{}]
    """.replace("SYMBOLS", "|".join(_SYMBOLS)).replace("STYLES", _STYLES),
    re.VERBOSE | re.DOTALL,
)


def decode(latex: str) -> str:
    """Return the text that LaTeX would print; a command it does not know stays as written."""
    return _TOKEN.sub(_as_text, latex)


def _as_text(match: re.Match[str]) -> str:
    if accent := match["accent"] or match["letter_accent"]:
        letter = (match["braced"] or match["bare"]).removeprefix("\\")
        return unicodedata.normalize("NFC", letter + _ACCENTS[accent])
    if symbol := match["symbol"]:
        return _SYMBOLS[symbol]
    if escaped := match["escaped"]:
        return _ESCAPED[escaped]
    if unknown := match["unknown"]:
        return unknown
    return _LIGATURES.get(match["ligature"] or "", "")


_UNSAFE = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",  # \{ would count in BibTeX's balance of braces
    "}": r"{\textbraceright}",
    "^": r"{\textasciicircum}",
    "~": r"{\textasciitilde}",
    '"': r"{\textquotedbl}",
    "`": r"{\textasciigrave}",
    "\u00a0": "~",
    "\u2009": r"\,",
} | {mark: f"\\{mark}" for mark in "$&#%_"}
_UNSAFE_TEXT = re.compile(r"-(?=-)|'(?=')|[\\{}^~\"`$&#%_\u00a0\u2009]")


def encode(text: str) -> str:
    """Return text such that LaTeX prints it and `decode` gives it back. Braces are balanced."""
    return _UNSAFE_TEXT.sub(lambda m: f"{m[0]}{{}}" if m[0] in "-'" else _UNSAFE[m[0]], text)

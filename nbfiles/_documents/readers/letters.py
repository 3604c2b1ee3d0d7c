"""How well a text in a guessed encoding fits a language: by the letters that its alphabet has besides those of ASCII.

Encodings of one family differ in a few letters, and all of them make words of some kind; the alphabets tell them apart.
"""

from __future__ import annotations

import codecs
from itertools import pairwise

# Small letters besides a to z, as the Unicode CLDR lists them as exemplar characters of the languages.
WESTERN = (
    "äöüß",  # German
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúü",  # Spanish
    "áàâãçéêíóôõúü",  # Portuguese
    "àéèìíîòóùú",  # Italian
    "åäöéáàæøü",  # Swedish, Danish, Norwegian, Finnish
    "áæðéíóöþúý",  # Icelandic
    "áéèëïíóöúü",  # Dutch
    "àçéèíïòóúü",  # Catalan
)
ALPHABETS = (
    *WESTERN,
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýžäľĺôŕ",  # Czech, Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîșțşţ",  # Romanian
    "čćđšž",  # Croatian, Slovenian
    "çğıöşüâîû",  # Turkish
    "ąčęėįšųūž",  # Lithuanian
    "āčēģīķļņšūž",  # Latvian
    "äõöüšž",  # Estonian
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",  # Russian, Bulgarian
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяў",  # Ukrainian, Belarusian
    "абвгдђежзијклљмнњопрстћуфхцчџшѓќѕ",  # Serbian, Macedonian
    "αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ",  # Greek
    "אבגדהוזחטיךכלםמןנסעףפץצקרשת",  # Hebrew
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْپچژگی،؛؟",  # Arabic, Persian
    "".join(map(chr, [*range(0x0E01, 0x0E3B), *range(0x0E40, 0x0E4F)])),  # Thai
)
MARKS = frozenset("“”„‘’‚«»‹›–—…•·§°€£©®™¿¡½²³×±µº\u00a0№")
BEFORE_WORDS, BEHIND_WORDS = "„‚€£©§¿¡", "²³£€°"  # marks that stand behind no letter, and those before none
WESTERN_SHARE = 0.9  # of what a text in several languages counts
_WESTERN = frozenset("".join(WESTERN) + "".join(WESTERN).upper()) - frozenset("ðýþÐÝÞ") | MARKS
_SETS = tuple(frozenset(alphabet + alphabet.upper()) | MARKS for alphabet in ALPHABETS)
FIRST_GREEK, FIRST_WIDE = "\u0370", "\u2e80"  # between them are alphabets that share no word with the Latin one
_WIDE_MARKS = (range(0x3000, 0x3020), range(0xFF01, 0xFF5F))  # punctuation and letters as wide as an ideograph
_KANA, _HANGUL = range(0x3041, 0x30FF), range(0xAC00, 0xD7A4)
# Lead bytes of the ideographs in daily use, which the standards list first: GB 2312, Big5 and JIS X 0208, level 1.
_COMMON = {"gb18030": range(0xB0, 0xD8), "big5hkscs": range(0xA4, 0xC7), "euc_jp": range(0xB0, 0xD0)}


def fit(text: str, encoding: str) -> float:
    """Return which share of the characters beyond ASCII are letters of one language, from 0 to 1.

    A capital behind a small letter counts against it, and a word of two scripts, as wrong encodings make many of these.
    """
    beyond = [char for char in text if not char.isascii()]
    if not beyond:
        return 0.0
    if encoding in ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"):
        letters: float = sum(_is_common(char, encoding) for char in beyond)
    else:
        western = WESTERN_SHARE * sum(map(_WESTERN.__contains__, beyond))
        letters = max(western, *(sum(map(alphabet.__contains__, beyond)) for alphabet in _SETS))
    odd = sum(_is_odd(one, other) for one, other in pairwise(text) if not (one.isascii() and other.isascii()))
    return (letters - odd) / len(beyond)


def _is_odd(one: str, other: str) -> bool:
    """Return whether hardly any text has two characters beside each other."""
    if not one.isalpha():
        return one in BEHIND_WORDS and other.isalpha()
    if not other.isalpha():
        return other in BEFORE_WORDS
    low, high = sorted((one, other))
    return (one.islower() and other.isupper()) or (low <= "z" and FIRST_GREEK <= high < FIRST_WIDE)


def _is_common(char: str, encoding: str) -> bool:
    """Return whether a character is in daily use where an encoding of East Asia is."""
    code = ord(char)
    if any(code in marks for marks in _WIDE_MARKS):
        return True
    if encoding == "cp949":
        return code in _HANGUL
    if encoding in ("cp932", "euc_jp"):
        return code in _KANA or _lead(char, "euc_jp") in _COMMON["euc_jp"]
    return _lead(char, encoding) in _COMMON[encoding]


def _lead(char: str, encoding: str) -> int:
    """Return the first byte of a character of two bytes, else 0."""
    coded, _ = codecs.lookup(encoding).encode(char, "ignore")
    return coded[0] if len(coded) == 2 else 0

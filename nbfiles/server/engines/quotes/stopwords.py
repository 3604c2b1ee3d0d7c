"""Words that say nothing about a subject, in English, German and French, and a few that say the same."""

from __future__ import annotations

_ENGLISH = """
a about above after again all also am an and any are as at be because been before being below
between both but  by can could did do does doing done down during each else ever few for from
further get give gives had has have  having he her here hers him his how i if in into is it its
itself just kind let like made make makes many may me  might more most much must my no nor not of
off on once one only or other our out over own per please really same  say says shall she should
show so some such tell than that the their them then there these they thing things  this those
through to too under until up use used uses using very was we were what when where whether which
while who whom whose why will with within without would you your explain describe find list mention
mentioned  need needs needed work works happen happens
"""
_GERMAN = """
der die das den dem des ein eine einer eines einem einen und oder aber ist sind war waren wird
werden kann wie  was wer wo wann warum welche welcher welches mit von zu zum zur im in auf für nicht
auch es ich wir sie er ihr ihm ihn mir mich uns du dieser diese dieses diesem jede jeder haben hat hatte
wurde wurden soll sollen muss müssen darf wenn dann als bei nach vor über unter durch gegen ohne um aus am
beim vom viel viele wieviel steht gibt man noch nur
"""
_FRENCH = """
le la les un une des du de et ou est sont que qui quoi dont où quand comment pourquoi quel quelle
quels quelles  dans sur pour par avec ce cet cette ces il elle ils elles je nous vous se sa son ses
au aux ne pas à en y leur leurs mon ma mes ton ta tes notre votre être été avoir ont fait combien si mais
comme plus moins très
"""
_WHOLE_DOCUMENT = """
summary summarise summarize summarised summarized document documents file files pdf report text
content contents  overview main point points topic topics key brief short zusammenfassung dokument
datei résumé fichier
"""

STOP = frozenset((_ENGLISH + _GERMAN + _FRENCH).split())
# Words that tell the language of a question: those of one side only.
ENGLISH = frozenset(_ENGLISH.split()) - frozenset((_GERMAN + _FRENCH).split())
FOREIGN = frozenset((_GERMAN + _FRENCH).split()) - frozenset(_ENGLISH.split())
GENERIC = frozenset(_WHOLE_DOCUMENT.split())  # a question of these alone asks for the whole document

# What people ask by one word and documents say by another; spelling variants that stemming does not join.
ALSO = {
    "wrote": ("author", "written"),
    "written": ("author", "wrote"),
    "writer": ("author",),
    "repair": ("recover", "restore"),
    "fix": ("repair", "recover"),
    "licence": ("license",),
    "license": ("licence",),
    "licensed": ("licence", "license"),
    "cost": ("price",),
    "price": ("cost",),
    "fast": ("speed",),
    "slow": ("speed",),
    "buy": ("purchase",),
    "colour": ("color",),
    "color": ("colour",),
}

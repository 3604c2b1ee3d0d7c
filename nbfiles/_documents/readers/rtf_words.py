"""What control words of RTF mean, after Microsoft's specification, version 1.9.1."""

from __future__ import annotations

# Characters and line ends that are written as words or as symbols.
CHARACTERS = {
    "par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "lbr": "\n", "tab": "\t", "emdash": "—", "endash": "–",
    "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "\n": "\n", "\r": "\n", "~": "\u00a0", "_": "\u2011", "-": "\u00ad",
    "{": "{", "}": "}", "\\": "\\",
}  # fmt: skip
CELLS, ROWS = ("cell", "nestcell"), ("row", "nestrow")
# Groups whose text is read although it stands apart: what is written before and after it.
APART = {
    **dict.fromkeys(
        ("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"), ("\n", "\n")
    ),
    **dict.fromkeys(("shptxt", "dptxbxtext"), ("\n", "\n")),
    "footnote": (" [note: ", "]"),
    "annotation": (" [comment: ", "]"),
    "msup": ("^", ""),
    "msub": ("_", ""),
    "mden": ("/", ""),
}
# Groups that may be skipped by who does not know them (`\*`), and are read here; `cs` is a style of characters.
READ = frozenset(("shpinst", "shppict", "do", "moMath", "moMathPara", "cs", "htmltag", *APART))
# Groups without text of the document, where no `\*` says so.
SKIPPED = frozenset((
    "fonttbl", "colortbl", "stylesheet", "info", "filetbl", "listtable", "listoverridetable", "revtbl", "rsidtbl",
    "generator", "template", "private", "pict", "nonshppict", "picprop", "blipuid", "objdata", "objclass", "objname",
    "objalias", "objsect", "sn", "sv", "shprslt", "mmathPict", "pntxta", "pntxtb", "xe", "tc", "rxe", "txe",
    "fldtype", "datafield", "formfield", "background", "themedata", "colorschememapping", "datastore", "latentstyles",
    "xmlnstbl", "userprops", "docvar", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "atnid",
    "atnauthor", "atntime", "atndate", "atnref", "atnparent", "atrfstart", "atrfend", "bkmkstart", "bkmkend",
    "nesttableprops", "nonesttables", "wgrffmtfilter", "pgptbl", "mctrlPr", "mrPr", "mfPr", "mradPr", "mnaryPr",
    "mdPr", "msSupPr", "msSubPr", "msSubSupPr", "msPrePr", "mfuncPr", "maccPr", "mbarPr", "mlimLowPr", "mlimUppPr",
    "meqArrPr", "mmPr", "mboxPr", "mborderBoxPr", "mgroupChrPr", "mphantPr", "moMathParaPr", "margPr", "mathPr",
))  # fmt: skip
# The code pages of the character sets that fonts name; those that are not here have that of the document.
CHARSETS = {
    0: "cp1252", 77: "mac_roman", 78: "cp932", 79: "cp950", 80: "cp949", 83: "mac_greek", 84: "mac_cyrillic",
    85: "cp936", 87: "mac_cyrillic", 89: "mac_latin2", 128: "cp932", 129: "cp949", 130: "johab", 134: "cp936",
    136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
SYMBOL_CHARSET = 2
DOCUMENT_CHARSETS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}

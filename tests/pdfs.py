"""PDFs whose pages say which they are, written by hand: thousands of pages take milliseconds."""

from pathlib import Path

# A form with one field that is filled in, and nothing else on its page.
FORM = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >> endobj
2 0 obj << /Type /Pages /Count 1 /Kids [3 0 R] >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Annots [5 0 R] >> endobj
4 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
5 0 obj << /Type /Annot /Subtype /Widget /FT /Tx /F 4 /T (applicant) /V (Giovanna Marchetti) /Rect [72 600 300 620]
 /AP << /N 6 0 R >> >> endobj
6 0 obj << /Type /XObject /Subtype /Form /BBox [0 0 228 20] /Resources << /Font << /F1 4 0 R >> >> /Length 65 >> stream
BT /F1 12 Tf 2 5 Td (The applicant is Giovanna Marchetti.) Tj ET
endstream endobj
trailer << /Root 1 0 R >>
%%EOF
"""
_HEAD = """%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Count {count} /Kids [{kids}] >> endobj
3 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
"""
_PAGE = """{page} 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {contents} 0 R
 /Resources << /Font << /F1 3 0 R >> >> >> endobj
{contents} 0 obj << /Length {length} >> stream
{text}
endstream endobj
"""


def numbered(path: Path, count: int, word: str = "Sheet") -> Path:
    """Write a PDF with `Sheet 1 speaks of Q1.` on its first page, and so on."""
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(count))
    parts = [_HEAD.format(count=count, kids=kids)]
    for number in range(count):
        text = f"BT /F1 12 Tf 72 700 Td ({word} {number + 1} speaks of Q{number + 1}.) Tj ET"
        page = 10 + 2 * number
        parts.append(_PAGE.format(page=page, contents=page + 1, length=len(text), text=text))
    path.write_text("".join(parts) + "trailer << /Root 1 0 R >>\n%%EOF\n")
    return path

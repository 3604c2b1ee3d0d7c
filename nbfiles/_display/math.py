"""TeX in an answer: MathJax may have what is on these lists; the rest stays text.

A front end with MathJax looks for `$` and for TeX commands in every text outside `pre` and `code`, so money
would turn into formulas, and a formula could bring macros that reach past its own cell. `literal` takes text
apart so that MathJax finds nothing; only an allowed formula is left whole for it to find.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape as html_escape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

MAX_TEX = 1000  # characters of one formula; it also bounds how far an opening `$` looks for its end
MAX_FORMULAS = 1000  # in one answer; MathJax needs about a millisecond for each, with the page at a standstill
MAX_DEPTH = 8  # braces inside braces
MAX_PULLS = 4  # of `\\!`, which moves what follows to the left, over what is there
MAX_LINES = 60  # of one displayed formula

_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi "
    "varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi "
    "Sigma Upsilon Phi Psi Omega "
)
_OPERATORS = (
    "sum prod int iint oint lim sup inf max min arg log ln exp sin cos tan cot arcsin arccos arctan sinh "
    "cosh tanh det dim ker gcd Pr deg bmod pmod mod limits nolimits "
)
_RELATIONS = (
    "le leq ge geq ne neq approx sim simeq cong equiv propto ll gg in notin ni subset subseteq supset "
    "supseteq cup cap setminus emptyset varnothing to rightarrow leftarrow Rightarrow Leftarrow "
    "leftrightarrow Leftrightarrow iff implies mapsto longrightarrow uparrow downarrow mid parallel perp "
    "times cdot div pm mp ast star circ bullet oplus otimes land lor wedge vee neg not forall exists "
    "infty partial nabla angle therefore because dots ldots cdots vdots ddots colon prime hbar ell Re Im "
    "degree langle rangle lfloor rfloor lceil rceil lvert rvert lVert rVert vert Vert "
)
_LAYOUT = (
    "frac dfrac tfrac binom sqrt left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr hat bar vec "
    "dot ddot tilde widehat widetilde overline underline overbrace underbrace overset underset stackrel "
    "boxed quad qquad text textbf textit mathrm mathbf mathit mathsf mathcal mathbb mathfrak boldsymbol "
    "operatorname displaystyle "
)
_ARRAYS = "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix cases aligned gathered split"
_ENVIRONMENTS = frozenset(_ARRAYS.split())
_COMMANDS = frozenset(f"{_GREEK} {_OPERATORS} {_RELATIONS} {_LAYOUT}".split())

# One environment tag, one named command, one escaped sign, a brace, or plain characters. Nothing else is
# read; a new line with a length after it (`\\[-9em]`) would put text over text.
_TOKEN = re.compile(
    r"\\(?P<tag>begin|end)\{(?P<name>[A-Za-z]+)\}|\\(?P<command>[A-Za-z]+)|\\\\(?!\s*\[)|\\[,;:!>{}|% ]"
    r"|(?P<brace>[{}])|[A-Za-z0-9 \n\t+\-*/=<>.,;:!?'|()\[\]^_&~]+|[^\W\d_a-zA-Z]+|[−–×·÷±≤≥≠≈∞∑∫√°′→∈∂…“”’]+"
)
_WORDY = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|mathsf|operatorname)\s*\{[^{}]*\}|[_^]\{[^{}]*\}")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_TWO_WORDS = re.compile(r"[A-Za-z]{2,}[\s,.;:]+[A-Za-z]{2,}")
_LETTER = "A-Za-zΑ-Ωα-ω"
_STRONG_SIGNAL = re.compile(r"\\[A-Za-z%]|[\^_=]")
_SIGNAL = re.compile(
    rf"{_STRONG_SIGNAL.pattern}|^\s*[{_LETTER}]['′]?\s*$|[{_LETTER})\]]\s*[<>+*/|(,−-]|[<>+*/(,−-]\s*[{_LETTER}]"
)
_SPECIAL = re.compile(r"[$\\]{3,}|[$\\]")
_CLOSING = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_MARKS = re.compile("(?:\u2016\ue000\\d+\ue001\u2016)*\\Z")


def literal(text: str) -> str:
    """Return text as HTML in which MathJax finds nothing."""
    escaped = html_escape(text)
    return _SPECIAL.sub(_alone, escaped) if "$" in escaped or "\\" in escaped else escaped


def _alone(match: re.Match[str]) -> str:
    """Put a delimiter into an element of its own; a row of them into code, which is shorter."""
    return f"<span>{match[0]}</span>" if len(match[0]) == 1 else f"<code>{match[0]}</code>"


def allowed(tex: str) -> bool:
    """Return whether every part of a formula is on the lists, and its braces and environments close."""
    if len(tex) > MAX_TEX or tex.count("\\!") > MAX_PULLS:
        return False
    position, open_parts = 0, list[str]()
    while position < len(tex):
        token = _TOKEN.match(tex, position)
        if token is None or not _fits(token, open_parts):
            return False
        position = token.end()
    return not open_parts and bool(tex.strip())


def _fits(token: re.Match[str], open_parts: list[str]) -> bool:
    if token["command"]:
        return token["command"] in _COMMANDS
    if token["tag"] and token["name"] not in _ENVIRONMENTS:
        return False
    part = token["name"] or token["brace"]
    if part is None:
        return True
    if token["tag"] == "begin" or part == "{":
        open_parts.append(part)
        return len(open_parts) <= MAX_DEPTH
    return bool(open_parts) and open_parts.pop() == ("{" if part == "}" else part)


def looks_like(tex: str) -> bool:
    """Return whether text between delimiters is meant as a formula, not as money or prose."""
    bare = _COMMAND.sub(" ", _WORDY.sub(" ", tex))
    return _SIGNAL.search(tex) is not None and _TWO_WORDS.search(bare) is None


def plugin(md: MarkdownIt) -> None:
    """Teach the parser formulas: in a line, and displayed on lines of their own."""
    md.inline.ruler.before("escape", "formula", _inline)
    md.block.ruler.before("fence", "formula", _block, {"alt": ["paragraph", "blockquote", "list"]})
    md.add_render_rule("formula", _show_inline)
    md.add_render_rule("formula_block", _show_block)


def _inline(state: StateInline, silent: bool) -> bool:
    opening = _opening(state.src, state.pos)
    if not opening:
        return False
    start, closing = state.pos + len(opening), _CLOSING[opening]
    end = state.src.find(closing, start, min(state.posMax, start + MAX_TEX))
    if end <= start or (opening == "$" and not _hugs(state.src, state.pos, end)):
        return False
    tex = state.src[start:end]
    if opening == "$$" and not _STRONG_SIGNAL.search(tex):
        return False  # a price range: `$$ (fair), $$$ (dear)`
    if not looks_like(tex) and not (opening == "$" and _COMMAND.search(tex)):
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = opening + tex + closing
    state.pos = end + len(closing)
    return True


def _opening(source: str, position: int) -> str:
    two = source[position : position + 2]
    return two if two in _CLOSING else two[:1] if two[:1] == "$" else ""


def _hugs(source: str, opening: int, closing: int) -> bool:
    """Return whether two `$` sit tight around a text, as around a formula; those of `$5 to $10` do not."""
    before, after = source[opening - 1 : opening], source[closing + 1 : closing + 2]
    inner = source[opening + 1] + source[closing - 1]
    return not (any(map(str.isspace, inner)) or source[closing - 1] == "\\" or before.isalnum() or after.isalnum())


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Read a displayed formula to its end, to an empty line, or to where the text so far ends.

    The first line alone decides, so that a formula that is still arriving never turns back into prose.
    """
    first = _line(state, start_line)
    opening = first[:2]
    if opening not in ("$$", "\\[") or state.is_code_block(start_line) or not _opens(first):
        return False
    if silent:
        return True
    last = _end(state, start_line, end_line, _CLOSING[opening])
    source = state.getLines(start_line, last, state.blkIndent, False).strip()
    token = state.push("formula_block", "", 0)
    token.content = source
    token.map = [start_line, last]
    state.line = last
    return True


def _line(state: StateBlock, number: int) -> str:
    return _unmarked(state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]])


def _unmarked(text: str) -> str:
    return _MARKS.sub("", text.rstrip()).rstrip()


def _opens(line: str) -> bool:
    rest, closing = line[2:], _CLOSING[line[:2]]
    if closing in rest:
        return rest.index(closing) == len(rest) - 2 and looks_like(rest[:-2])
    return not rest or _STRONG_SIGNAL.search(rest) is not None


def _end(state: StateBlock, start_line: int, end_line: int, closing: str) -> int:
    if _line(state, start_line)[2:].endswith(closing):
        return start_line + 1
    limit = min(end_line, start_line + MAX_LINES)
    for number in range(start_line + 1, limit):
        if state.isEmpty(number) or state.sCount[number] < state.blkIndent:
            return number
        if _line(state, number).endswith(closing):
            return number + 1
    return limit


def _show_inline(_: object, tokens: Sequence[Token], index: int, __: object, env: EnvType) -> str:
    source = tokens[index].content
    opening = _opening(source, 0)
    tex, display = source[len(opening) : -len(opening)], opening in ("$$", "\\[")
    return _formula(tex, display, env) or f"<code>{html_escape(source)}</code>"


def _show_block(_: object, tokens: Sequence[Token], index: int, __: object, env: EnvType) -> str:
    source = tokens[index].content
    body = _unmarked(source)
    closed = len(body) > 4 and body.endswith(_CLOSING[body[:2]])
    formula = closed and _formula(body[2:-2], True, env)
    if formula:
        return f"<p>{formula}{source[len(body) :]}</p>\n"
    return f"<pre><code>{html_escape(source)}\n</code></pre>\n"


def _formula(tex: str, display: bool, env: EnvType) -> str:
    """Return a formula as HTML that MathJax sets, or nothing where it may not."""
    tex = tex.strip()  # before the look at it: without its blank, `\ ` would take the delimiter along
    if not allowed(tex) or env["formulas"] >= MAX_FORMULAS:
        return ""
    env["formulas"] += 1
    delimiter = "$$" if display else "$"
    return f"<span>{delimiter}{html_escape(tex)}{delimiter}</span>"

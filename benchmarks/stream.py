"""Showing an answer while it is written costs little more than receiving it, in CPU and in what is sent.

Every way runs in a real kernel; what it sends to the notebook is counted on the kernel's output channel.
For one case alone: python benchmarks/stream.py 10000 100 (tokens, tokens a second; takes minutes).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from common import Ran, kernel, middle, serving, table, world

CASES = (("1000", "full-speed", 5), ("10000", "full-speed", 3), ("1000", "100", 3))  # tokens, speed, runs
REPAINTED_TOKENS = 1000  # at most; 10,000 tokens would be 200 MB

WAYS = {
    "SDK, raw events, nothing shown": "bare",
    "SDK, messages.stream(), printed": "printed",
    "SDK, raw events, Markdown repainted": "repainted",
    "nbfiles.ask": "ours",
    "%%ask_file": "cell",
}
SETUP = """
import time, anthropic, nbfiles
from IPython.display import Markdown, display
client = anthropic.Anthropic()
asked = [{"role": "user", "content": "What?"}]

def bare(model, tokens, show=None):
    text = ""
    for event in client.messages.create(model=model, max_tokens=tokens, messages=asked, stream=True):
        if event.type == "content_block_delta":
            text += event.delta.text
            if show:
                show(Markdown(text))
    return text

def repainted(model, tokens):
    return bare(model, tokens, display(display_id=True).update)

def printed(model, tokens):
    with client.messages.stream(model=model, max_tokens=tokens, messages=asked) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
    return stream.get_final_text()

def ours(model, tokens):
    return nbfiles.ask("What?", model=model, max_tokens=tokens).text

def timed(way, model, tokens):
    cpu = time.process_time()
    assert len(way(model, tokens)) > 4 * tokens - 4
    return time.process_time() - cpu

get_ipython().run_line_magic("load_ext", "nbfiles")
result = [timed(way, "full-speed", 50) for way in (bare, repainted, printed, ours)]
"""


def case(tokens: str, speed: str, runs: int) -> None:
    found: dict[str, list[Ran]] = {}
    with serving("loopback.py") as where:
        places = {"NBFILES_USE": where["url"], "ANTHROPIC_BASE_URL": where["url"], "ANTHROPIC_API_KEY": "key"}
        with world(**places) as env, kernel(env) as run:
            run(SETUP)
            cell(run, "cell", "full-speed", "2000")  # what a first cell imports is not a cost of streaming
            for way in list(WAYS) * runs:
                if WAYS[way] != "repainted" or int(tokens) <= REPAINTED_TOKENS:
                    timed = cell if WAYS[way] == "cell" else call
                    found.setdefault(way, []).append(timed(run, WAYS[way], speed, tokens))
    base = middle([ran.result for ran in next(iter(found.values()))])
    rows = [row(way, results, base) for way, results in found.items()]
    paced = "at full speed" if speed == "full-speed" else f"at {speed} tokens a second"
    print(f"{int(tokens):,} tokens {paced}, medians of {runs}\n")
    table(("way", "CPU ms", "ratio", "MB shown", "first delta to first words, ms"), *rows)
    print()


def call(run: Any, way: str, speed: str, tokens: str) -> Ran:
    ran: Ran = run(f"result = timed({way}, {speed!r}, {tokens})")
    return ran


def cell(run: Any, _way: str, speed: str, tokens: str) -> Ran:
    run("before = result = time.process_time()")
    ran: Ran = run(f"%%ask_file -m {speed} --max-tokens {tokens}\nWhat?")
    return replace(ran, result=run("result = time.process_time() - before").result)


def row(way: str, results: list[Ran], base: float) -> tuple[str, ...]:
    cpu, shown = middle([ran.result for ran in results]), middle([ran.shown for ran in results])
    first = "-" if WAYS[way] == "bare" else f"{middle([ran.first_words for ran in results]) * 1000:.1f}"
    return way, f"{cpu * 1000:.0f}", f"{cpu / base:.2f}", f"{shown / 1e6:.2f}", first


if __name__ == "__main__":
    for chosen in [(*sys.argv[1:], 1)] if sys.argv[1:] else CASES:
        case(*chosen)

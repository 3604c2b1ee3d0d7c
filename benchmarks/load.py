"""Loading nbfiles in a fresh kernel costs little, because the SDK is imported by the first request."""

from __future__ import annotations

from common import SAMPLES, kernel, middle, table, world

RUNS = 7
LOAD = "run_line_magic('load_ext', 'nbfiles')"
WAYS = {
    "%load_ext nbfiles": LOAD,
    "%load_ext autoreload": "run_line_magic('load_ext', 'autoreload')",
    "import anthropic": "import anthropic",
    "%load_ext nbfiles and a first %upload": f"{LOAD}; run_line_magic('upload', '{SAMPLES}/penguins.csv')",
}
HEAVY = ("anthropic", "httpx2", "pandas", "matplotlib", "ipywidgets", "uvicorn", "starlette")
CELL = """
import sys, time
run_line_magic = get_ipython().run_line_magic
before, cpu, wall = set(sys.modules), time.process_time(), time.perf_counter()
{way}
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
new = set(sys.modules) - before
result = cpu * 1000, wall * 1000, len(new), [name for name in {heavy} if name in new]
"""


def main() -> None:
    runs: dict[str, list[tuple]] = {way: [] for way in WAYS}
    for _ in range(RUNS):
        for way, code in WAYS.items():
            with world() as env, kernel(env) as run:
                runs[way].append(run(CELL.format(way=code, heavy=HEAVY)).result)
    rows = []
    base = middle([cpu for cpu, *_ in runs["%load_ext nbfiles"]])
    for way, results in runs.items():
        cpu, wall = (middle([result[i] for result in results]) for i in (0, 1))
        *_, modules, heavy = results[-1]
        rows.append((way, f"{cpu:.0f}", f"{cpu / base:.2f}", f"{wall:.0f}", modules, " ".join(heavy) or "-"))
    print(f"A fresh kernel, medians of {RUNS}\n")
    table(("way", "CPU ms", "× nbfiles", "wall ms", "new modules", "heavy ones among them"), *rows)


if __name__ == "__main__":
    main()

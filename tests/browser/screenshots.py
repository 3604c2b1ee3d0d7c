"""Save pictures of a notebook as JupyterLab shows it after Run All.

python tests/browser/screenshots.py NOTEBOOK OUT_DIR [--dark] [--width N]
"""

import argparse
import tempfile
from pathlib import Path

from tests.browser.labpage import NotebookPage, browser_page, copy_notebooks, running_lab


def main() -> None:
    parser = argparse.ArgumentParser(description="Save pictures of a notebook after Run All.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    parser.add_argument("--width", type=int, default=1200, metavar="N", help="window width in pixels")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        root = copy_notebooks(options.notebook.resolve().parent, Path(home, "notebooks"))
        with (
            running_lab(Path(home), root, dark=options.dark) as lab,
            browser_page(width=options.width) as page,
        ):
            notebook = NotebookPage(page, lab)
            notebook.open(options.notebook.name)
            notebook.run_all()
            for path in notebook.screenshots(options.out_dir):
                print(path)


if __name__ == "__main__":
    main()

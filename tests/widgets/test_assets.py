"""One text of several modules, and styles of which the shared one comes first."""

import os
import subprocess

import pytest

from nbfiles._widgets import assets


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    return tmp_path


def test_imported_modules_come_first_once_and_without_export(folder):
    (folder / "a.js").write_text(
        'import { two } from "./b.js";\nimport {\n  three,\n} from "./c.js";\n'
        "export default () => ({ sum: two + three });\n"
    )
    (folder / "b.js").write_text('import { three } from "./c.js";\nexport const two = three - 1;\n')
    (folder / "c.js").write_text("export const three = 3;\n")
    text = assets.module("a.js")
    assert text.count("const three") == 1
    assert "import" not in text
    assert run(text, "console.log(widget.sum)") == "5"


WIDGETS = sorted(p.name for p in assets.FOLDER.glob("*.js") if "\nexport default" in p.read_text())


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_is_one_module_that_loads_as_anywidget_loads_it(name):
    shown = run(assets.module(name), "console.log(Object.keys(widget).sort().join())")
    assert "render" in shown.split(",")


def test_styles_begin_with_the_shared_one(folder):
    (folder / "common.css").write_text("a{}\n")
    (folder / "own.css").write_text("b{}\n")
    assert assets.style("own.css") == "a{}\nb{}\n"


def run(module: str, script: str) -> str:
    """Load a module from a URL without a place, where no import of a file beside it would work."""
    code = f"""
        const url = "data:text/javascript;base64," + Buffer.from(process.env.MODULE).toString("base64");
        const made = (await import(url)).default;
        const widget = typeof made === 'function' ? made() : made;
        {script}
    """
    command = ["node", "--input-type=module", "-e", code]
    done = subprocess.run(command, env=os.environ | {"MODULE": module}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()

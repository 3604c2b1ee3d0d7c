"""One text of several modules, and styles of which the shared one comes first."""

import os
import subprocess

import pytest

from nbfiles._widgets import assets


def test_imported_modules_come_first_once_and_without_export(tmp_path):
    (tmp_path / "a.js").write_text(
        'import { two } from "./b.js";\nimport {\n  three,\n} from "./c.js";\n'
        "export default () => ({ sum: two + three });\n"
    )
    (tmp_path / "b.js").write_text('import { three } from "./c.js";\nexport const two = three - 1;\n')
    (tmp_path / "c.js").write_text("export const three = 3;\n")
    text = assets.module("a.js", tmp_path)
    assert text.count("const three") == 1
    assert "import" not in text
    assert run(text, "console.log(widget.sum)") == "5"


WIDGETS = sorted(p.name for p in assets.FOLDER.glob("*.js") if "\nexport default" in p.read_text())


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_is_one_module_that_loads_as_anywidget_loads_it(name):
    shown = run(assets.module(name), "console.log(Object.keys(widget).sort().join())")
    assert "render" in shown.split(",")


def test_styles_begin_with_the_shared_one(tmp_path):
    (tmp_path / "common.css").write_text("a{}\n")
    (tmp_path / "own.css").write_text("b{}\n")
    assert assets.style("own.css", tmp_path) == "a{}\nb{}\n"


def run(module: str, script: str) -> str:
    """Load a module from a data URL, where no import of a neighbouring file would work."""
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

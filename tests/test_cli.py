"""The `nbfiles` command, run as a person runs it."""

import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbfiles import cli
from tests.canaries import letters

BEGIN = "import sys; from pathlib import Path; from nbfiles import cli; book = Path('book.ipynb'); "


def _run(folder: Path, *cells: str, tags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a notebook of these cells headless, in a process of its own; warnings would show on its stderr."""
    book = new_notebook(cells=[new_code_cell(source, metadata={"tags": list(tags)}) for source in cells])
    nbformat.write(book, folder / "book.ipynb")
    command = [sys.executable, "-W", "default", "-c", BEGIN + "sys.exit(cli.run_headless(book))"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _text(folder: Path) -> str:
    book = nbformat.read(folder / "book.executed.ipynb", as_version=4)
    return "".join(output.get("text", "") for cell in book.cells for output in cell.outputs)


def test_headless_writes_both_files_and_says_where(tmp_path: Path) -> None:
    done = _run(tmp_path, "import sys, os; print(sys.executable, os.environ['NBFILES_USE'])")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "wrote book.executed.ipynb\nwrote book.html\n"
    assert _text(tmp_path) == f"{sys.executable} local\n"
    assert "<html" in (tmp_path / "book.html").read_text()


def test_headless_names_the_cell_that_failed(tmp_path: Path) -> None:
    done = _run(tmp_path, "print('before')", "x = 1\nx / 0", "print('never')")
    assert done.returncode == 1
    assert done.stderr == "nbfiles: cell 2 (x = 1) failed: ZeroDivisionError: division by zero\n"
    assert _text(tmp_path) == "before\n"
    assert (tmp_path / "book.html").is_file()


def test_headless_shows_no_secret(tmp_path: Path) -> None:
    key, who = "sk-" + "ant-" + letters(40), letters(10)
    source = f"import os; os.write(2, b'{key} /home/{who}/a'); raise ValueError(f'{key} in /home/{who}/a')"
    for cell in (source, source.replace("raise ValueError", "os._exit(3); ")):
        done = _run(tmp_path, cell)
        assert done.returncode == 1
        assert "sk-ant-…" in done.stderr
        assert key not in done.stderr
        assert who not in done.stderr


def test_a_folder_that_cannot_be_written_is_named_without_the_user(tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "home" / "anna"
    assert cli.main(["demo", "--headless", "--to", str(folder)]) == 1
    assert str(tmp_path) not in capsys.readouterr().err


def test_headless_says_that_the_kernel_died_and_what_it_said_before(tmp_path: Path) -> None:
    done = _run(tmp_path, "import os\nos.write(2, b'out of luck\\n'); os._exit(3)")
    assert done.returncode == 1
    assert done.stderr.endswith("nbfiles: cell 1 (import os) failed: the kernel died\n")
    assert "out of luck" in done.stderr


def test_headless_keeps_the_noise_of_a_kernel_that_ends_from_the_terminal(tmp_path: Path) -> None:
    done = _run(tmp_path, "import atexit, os; print(atexit.register(os.write, 2, b'noise') and 'ran')")
    assert (done.returncode, done.stderr) == (0, "")
    assert _text(tmp_path) == "ran\n"


def test_headless_accepts_an_error_that_is_meant(tmp_path: Path) -> None:
    done = _run(tmp_path, "1 / 0", tags=("raises-exception",))
    assert (done.returncode, done.stderr) == (0, "")


def test_headless_ignores_another_kernel_called_python3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["false"], "display_name": "Other", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    assert _run(tmp_path, "import sys; print(sys.executable)").returncode == 0
    assert _text(tmp_path) == f"{sys.executable}\n"


@pytest.mark.parametrize("options", [[], ["--headless"]])
def test_a_missing_package_is_one_line(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.setitem(sys.modules, "nbconvert", None)
    assert cli.main(["demo", *options]) == 2
    needed = "nbconvert" if options else "jupyterlab"
    assert capsys.readouterr().err == f"nbfiles: `nbfiles demo` needs {needed}. Type: pip install 'nbfiles[demo]'\n"


def test_demo_runs_the_quickstart_on_a_copy(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from nbfiles.cli import main; raise SystemExit(main())"]
    command = [*program, "demo", "--headless", "--to", "copy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "wrote copy/01_quickstart.executed.ipynb\nwrote copy/01_quickstart.html\n"


def test_a_copy_keeps_what_is_there_and_leaves_results_behind(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for folder, text in ((source, "ours"), (target, "theirs")):
        folder.mkdir()
        (folder / "a.txt").write_text(text)
    (source / "b.txt").write_text("ours")
    (source / "nbfiles_out").mkdir()
    cli._copy_missing(source, target)
    assert not (target / "nbfiles_out").exists()
    assert [(target / name).read_text() for name in ("a.txt", "b.txt")] == ["theirs", "ours"]


def test_ctrl_c_ends_the_lab_cleanly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat.write(new_notebook(), tmp_path / "book.ipynb")
    for name in ("HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("BROWSER", "true")  # the program that does nothing
    program = BEGIN + "cli._quickstart = lambda to: book; sys.exit(cli.main(['demo']))"
    lines = []
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if "127.0.0.1" in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == 0, lines
    assert "Traceback" not in "".join(lines)

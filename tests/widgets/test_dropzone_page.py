"""The drop zone as a person uses it: JupyterLab in a browser, a kernel, the embedded server."""

import os
import re
import signal
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.labpage import NotebookPage
from tests.heavy import FRONTENDS
from tests.waiting import until
from tests.widgets.zone import KERNEL, LARGE, SETUP, Zone, ask, drop, last_zone, sha256, written

pytestmark = pytest.mark.browser

SPEC = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def opened(notebook):
    nbformat.write(new_notebook(cells=[new_code_cell(SETUP)], metadata=SPEC), notebook.lab.root / "drop.ipynb")
    notebook.open("drop.ipynb")
    notebook.run_all()
    return notebook


@pytest.fixture
def zone(opened):
    return Zone(opened)


def test_files_and_folders_arrive_byte_for_byte(zone, tmp_path):
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    files = [*written(tmp_path, a_txt="one", b_bin=os.urandom(9_000_000))]
    inside = [
        *written(folder, c_txt="three", _hidden="x", empty_txt=""),
        *written(folder / "inner", d_txt="four"),
    ]
    [*written(folder / "__pycache__", e_txt="five")]
    zone.drop(*files, folder)
    zone.sent("a.txt", "b.bin", "c.txt", "d.txt")
    expect(zone.root.locator("li")).to_have_count(4)
    for path in (*files, inside[0], inside[3]):
        assert zone.ask(f"sha({path.name!r})") == sha256(path)
    assert zone.ask("sorted(record.name for record in zone.files)") == ["a.txt", "b.bin", "c.txt", "d.txt"]
    assert zone.ask("unfinished()") == []


def test_the_keyboard_does_all_of_it(zone, tmp_path):
    (path,) = written(tmp_path, keys_txt="by keyboard")
    zone.root.locator(".lead").click()
    zone.page.keyboard.press("Tab")
    expect(zone.button("Choose files")).to_be_focused()
    with zone.page.expect_file_chooser() as chooser:
        zone.button("Choose files").press("Enter")
    chooser.value.set_files(path)
    zone.sent("keys.txt")
    zone.page.keyboard.press("Tab")
    expect(zone.button("Choose a folder")).to_be_focused()
    zone.page.keyboard.press("Tab")
    expect(zone.button("Copy %%ask_file keys.txt")).to_be_focused()
    zone.page.keyboard.press("Enter")
    expect(zone.row("keys.txt").get_by_text("Copied")).to_be_visible()
    assert zone.page.evaluate("navigator.clipboard.readText()") == "%%ask_file keys.txt"


def test_a_folder_is_chosen_by_its_button(zone, tmp_path):
    folder = tmp_path / "chosen"
    folder.mkdir()
    [*written(folder, f_txt="six", _git="hidden")]
    with zone.page.expect_file_chooser() as chooser:
        zone.button("Choose a folder").click()
    chooser.value.set_files(folder)
    zone.sent("f.txt")
    expect(zone.root.locator("li")).to_have_count(1)


def test_a_screenshot_is_pasted(zone):
    zone.page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(40, 30);
            canvas.getContext("2d").fillRect(5, 5, 20, 10);
            const blob = await canvas.convertToBlob({ type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }"""
    )
    cells = zone.page.locator(".jp-Cell").count()
    zone.root.locator(".lead").click()
    zone.page.keyboard.press("Control+V")
    zone.sent("image.png")
    assert zone.ask("str(registry.get('image.png').kind)") == "image"
    assert zone.page.locator(".jp-Cell").count() == cells, "JupyterLab pasted a cell"


def test_many_files_are_counted_aloud(zone, tmp_path):
    paths = [*written(tmp_path, **{f"many{n}_txt": f"file {n}" for n in range(40)})]
    zone.drop(*paths)
    zone.sent(*(path.name for path in paths))
    expect(zone.root.get_by_role("status")).to_have_text(
        re.compile(r"\b40 of 40 files uploaded\. Next, type %%ask_file many\d+\.txt$")
    )


def test_cancel_in_the_middle_leaves_nothing_and_retry_sends_all(zone, tmp_path):
    (path,) = written(tmp_path, cancelled_bin=LARGE)
    zone.drop(path)
    row = zone.moving("cancelled.bin")
    expect(row.get_by_role("progressbar")).to_have_attribute("aria-valuetext", re.compile(r"\d+ %.*left"))
    row.get_by_role("button", name="Cancel cancelled.bin").click()
    expect(row.locator(".state")).to_have_text("cancelled")
    # The page's word reaches the kernel beside what is asked of its main thread.
    until(lambda: zone.ask("unfinished()") == [])
    zone.release("cancelled.bin")
    path.write_bytes(b"shorter")
    row.get_by_role("button", name="Retry cancelled.bin").click()
    expect(row.locator(".state")).to_contain_text("can no longer be read")


def test_what_failed_is_tried_again(zone, tmp_path):
    (path,) = written(tmp_path, again_txt="again")
    zone.notebook.tell("spare, partial_file.SPARE_BYTES = partial_file.SPARE_BYTES, 1 << 60")
    zone.drop(path)
    expect(zone.row("again.txt").locator(".state")).to_have_text("no room: the disk of the kernel is nearly full")
    zone.notebook.tell("partial_file.SPARE_BYTES = spare")
    zone.button("Retry again.txt").click()
    zone.sent("again.txt")


def test_it_goes_on_while_the_extension_is_reloaded_and_after(zone, tmp_path):
    zone.notebook.tell("%load_ext nbfiles")
    zone.drop(*written(tmp_path, during_bin=LARGE))
    zone.moving("during.bin")
    zone.notebook.tell("%reload_ext nbfiles")
    zone.release("during.bin")
    zone.sent("during.bin")
    zone.drop(*written(tmp_path, reloaded_txt="after the extension was reloaded"))
    zone.sent("reloaded.txt")
    assert zone.ask("sha('reloaded.txt')") == sha256(tmp_path / "reloaded.txt")


def test_names_of_others_are_not_taken_and_the_same_file_is_sent_once(zone, tmp_path):
    (tmp_path / "other").mkdir()
    (first,) = written(tmp_path, same_txt="first")
    (second,) = written(tmp_path / "other", same_txt="second")
    zone.drop(first)
    zone.sent("same.txt")
    zone.drop(second)
    expect(zone.root.get_by_text("as “same-2.txt”, because another file is “same.txt”")).to_be_visible()
    expect(zone.root.locator("code", has_text="%%ask_file same-2.txt")).to_be_visible()
    zone.drop(first)
    expect(zone.root.get_by_text("already there, nothing was sent")).to_be_visible()
    assert zone.ask("[r.name for r in registry if r.name.startswith('same')]") == ["same.txt", "same-2.txt"]


def test_what_cannot_be_uploaded_says_why_before_a_byte_is_sent(zone, tmp_path):
    zone.drop(*written(tmp_path, huge_bin=620_000_000, empty_txt=""))
    expect(zone.row("huge.bin").locator(".state")).to_have_text("too large: 620 MB, the limit is 500 MB")
    expect(zone.row("empty.txt").locator(".state")).to_have_text("empty: there is nothing to ask about")
    expect(zone.root.get_by_role("button", name="Retry")).to_have_count(0)
    assert zone.ask("unfinished()") == []


def test_hostile_names_are_text(zone, tmp_path):
    names = ["<img src=x onerror=alert(1)>.txt", "..\\..\\evil.txt", "a\u202egpj.exe", '"quoted" $HOME.txt']
    for name in names:
        (tmp_path / name).write_text(name)
    zone.drop(*(tmp_path / name for name in names))
    expect(zone.root.locator("code", has_text="%%ask_file")).to_have_count(4)
    assert zone.root.locator("img").count() == 0
    shown = zone.root.locator("bdi").all_inner_texts()
    assert shown == ["_img src=x onerror=alert(1)_.txt", "evil.txt", "agpj.exe", "_quoted_ $HOME.txt"]


def test_a_long_name_is_cut_in_the_middle_and_a_name_in_arabic_starts_where_the_others_do(zone, tmp_path):
    long, arabic = "n" * 150 + ".txt", "تقرير.txt"
    for name in (long, arabic):
        (tmp_path / name).write_text(name)
    zone.drop(tmp_path / long, tmp_path / arabic)
    expect(zone.root.locator("bdi")).to_have_count(2)
    first, second = zone.root.locator("bdi").all()
    expect(first).to_have_text(re.compile(r"^n+…n+\.txt$"))
    expect(first).to_have_attribute("title", long)
    left = """name => {
        const range = document.createRange();
        range.selectNodeContents(name);
        return Math.round(range.getBoundingClientRect().left);
    }"""
    assert first.evaluate(left) == second.evaluate(left)


def test_a_drop_while_a_cell_runs_is_uploaded_meanwhile(zone, tmp_path):
    (path,) = written(tmp_path, busy_txt="busy")
    cell = busy(zone)
    zone.drop(path)
    zone.sent("busy.txt")
    expect(cell).to_contain_text("[*]:")
    zone.page.evaluate(f"{KERNEL}.interrupt()")
    expect(cell).not_to_contain_text("[*]:")
    assert zone.ask("sha('busy.txt')") == sha256(path)


PAUSED = """
go, update = threading.Event(), zone._queue._update
def update_and_wait(id_, **changes):
    update(id_, **changes)
    if changes.get("state") == "uploading":
        go.wait()
zone._queue._update = update_and_wait
"""


def test_cells_run_while_a_large_file_comes_and_while_it_is_uploaded(zone, tmp_path):
    zone.notebook.tell(PAUSED)
    zone.drop(*written(tmp_path, large_bin=LARGE))
    zone.moving("large.bin")
    state = "zone._chunks.rows()[-1]['state']"
    assert zone.ask(state) == "receiving"
    zone.release("large.bin")
    expect(zone.row("large.bin").locator(".state")).to_contain_text("uploading")
    assert zone.ask(state) == "uploading"
    zone.notebook.tell("go.set()")
    zone.sent("large.bin")


def test_where_the_kernel_cannot_serve_it_a_drop_waits_for_the_cell_and_says_so(opened, tmp_path):
    opened.page.evaluate(f"{KERNEL}.commsOverSubshells = 'disabled'")
    zone = Zone(opened)
    expect(zone.root).to_contain_text("Up to 500 MB each")
    cell = busy(zone)
    zone.drop(*written(tmp_path, patient_txt="patient"))
    expect(zone.row("patient.txt").locator(".state")).to_contain_text("waiting for the running cell")
    zone.page.evaluate(f"{KERNEL}.interrupt()")
    expect(cell).not_to_contain_text("[*]:")
    zone.sent("patient.txt")
    opened.page.evaluate(f"{KERNEL}.commsOverSubshells = 'perCommTarget'")


def busy(zone):
    """Run a cell that never ends by itself, and return it."""
    zone.notebook.page.evaluate(
        """() => {
            const { commands, shell } = window.jupyterapp;
            const book = shell.currentWidget.content;
            book.activeCellIndex = book.widgets.length - 1;
            return commands.execute('notebook:insert-cell-below').then(() => {
                book.activeCell.model.sharedModel.setSource('threading.Event().wait()');
                commands.execute('notebook:run-cell').catch(() => null);
            });
        }"""
    )
    cell = zone.page.locator(".jp-Notebook .jp-CodeCell").last
    expect(cell).to_contain_text("[*]:")
    return cell


def test_a_connection_that_breaks_goes_on_where_it_was(zone, tmp_path):
    path = tmp_path / "broken.bin"
    path.write_bytes(os.urandom(1_000_000) * (LARGE // 1_000_000))
    zone.drop(path)
    zone.moving("broken.bin")
    zone.page.evaluate(f"{KERNEL}.interrupt()")  # concerns cells alone
    zone.page.evaluate(f"() => {{ releaseFile('broken.bin'); return {KERNEL}.reconnect(); }}")
    zone.sent("broken.bin")
    assert zone.ask("sha('broken.bin')") == sha256(path)


def test_two_views_show_the_same(zone, tmp_path):
    zone.notebook.run("zone")
    other = zone.page.locator(".nbfiles-drop").last
    expect(other).to_be_visible()
    drop(other, *written(tmp_path, below_txt="below"))
    zone.drop(*written(tmp_path, above_txt="above"))
    zone.sent("below.txt", "above.txt")
    expect(other.locator("bdi")).to_have_text(["below.txt", "above.txt"])
    expect(other.locator("code")).to_have_count(2)


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_axe_finds_nothing_serious(zone, tmp_path, theme):
    zone.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    expect(zone.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    zone.drop(*written(tmp_path, axe_txt=theme, axe_bin=LARGE, none_txt=""))
    zone.sent("axe.txt")
    zone.moving("axe.bin")
    found = Axe().run(zone.page, context=".nbfiles-drop").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS] == []
    zone.button("Cancel axe.bin").click()


def test_it_fits_into_320_pixels_at_twice_the_size(zone, tmp_path):
    zone.drop(*written(tmp_path, **{"n" * 70 + "_txt": "long"}))
    zone.sent("n" * 70 + ".txt")
    wide = zone.root.evaluate(
        """root => {
            root.style.cssText = "width: 320px; font-size: 28px";
            const right = root.getBoundingClientRect().right;
            return [...root.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > right + 1)
                .map(e => e.outerHTML);
        }"""
    )
    assert wide == []


def test_bars_jump_for_who_wants_no_motion(zone, tmp_path):
    zone.drop(*written(tmp_path, still_bin=LARGE))
    bar = zone.moving("still.bin").locator(".received")
    moves = "bar => getComputedStyle(bar).transitionDuration"
    assert bar.evaluate(moves) == "0.2s"
    zone.page.emulate_media(reduced_motion="reduce")
    assert bar.evaluate(moves) == "0s"
    assert zone.root.evaluate("root => root.getAnimations({ subtree: true }).length") == 0
    zone.page.emulate_media(reduced_motion="no-preference")
    zone.button("Cancel still.bin").click()


def test_nothing_private_is_kept_and_no_other_host_is_asked(zone, tmp_path):
    zone.drop(*written(tmp_path, secret_txt="top secret"))
    zone.sent("secret.txt")
    state = zone.ask("str(zone.get_state(drop_defaults=False))")
    assert not re.search(r"secret|file_0|nbfiles-spool|/tmp", state.replace("tmp_path", ""))
    assert "file_" not in zone.root.evaluate("root => root.outerHTML")
    assert zone.notebook.hosts == {urlsplit(zone.notebook.lab.url).netloc}


def test_a_page_that_is_closed_leaves_no_half_file_and_a_word_to_the_others(zone, tmp_path):
    zone.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    with zone.page.context.new_page() as page:
        NotebookPage(page, zone.notebook.lab).open("drop.ipynb")
        other = last_zone(page, zone.page.locator(".nbfiles-drop").count())
        drop(other, *written(tmp_path, closed_bin=LARGE))
        zone.moving("closed.bin")
        page.close()  # what it would say last may be behind pieces that are never sent
    zone.notebook.tell("chunked_uploads.SILENCE_S = 0; zone._chunks._break_off_silent()")
    state = zone.row("closed.bin").locator(".state")
    expect(state).to_contain_text("The page was closed or reloaded")
    zone.notebook.tell("chunked_uploads.SILENCE_S = 60")
    assert zone.ask("unfinished()") == []


def test_a_page_that_is_reloaded_says_what_broke_off(zone, tmp_path):
    zone.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    zone.drop(*written(tmp_path, whole_txt="whole"))
    zone.sent("whole.txt")
    zone.drop(*written(tmp_path, half_bin=LARGE))
    zone.moving("half.bin")
    zones = zone.page.locator(".nbfiles-drop").count()
    zone.notebook.open("drop.ipynb")
    zone.root = last_zone(zone.page, zones)
    zone.sent("whole.txt")
    expect(zone.row("half.bin").locator(".state")).to_contain_text("The page was closed or reloaded")
    expect(zone.row("half.bin").get_by_role("button")).to_have_count(0)
    assert zone.ask("unfinished()") == []
    zone.drop(*written(tmp_path, after_txt="after"))
    zone.sent("after.txt")


def test_a_kernel_that_restarts_leaves_no_file_and_a_word(zone, tmp_path):
    zone.drop(*written(tmp_path, gone_bin=LARGE))
    zone.moving("gone.bin")
    folder = Path(ask(zone.notebook, "temp_folder()"))
    zone.page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.restartKernel()")
    expect(zone.row("gone.bin").locator(".state")).to_contain_text("The kernel was restarted or ended")
    expect(zone.row("gone.bin").get_by_role("progressbar")).to_be_hidden()
    expect(zone.root).to_contain_text("This drop zone has lost its kernel. Run the cell again.")
    expect(zone.button("Choose files")).to_be_disabled()
    zone.drop(*written(tmp_path, late_txt="late"))
    expect(zone.root.locator("li")).to_have_count(1)
    # The kernel removes it as it ends; where it was killed before that, the next one that needs a folder does.
    zone.notebook.tell(f"{SETUP}\ntemp_folder()")
    until(lambda: not folder.exists())


def test_a_kernel_that_is_killed_leaves_a_word_and_its_half_file_only_until_it_is_back(opened, tmp_path):
    opened.tell(SETUP)
    zone = Zone(opened)
    zone.drop(*written(tmp_path, killed_bin=LARGE))
    zone.moving("killed.bin")
    folder = Path(zone.ask("temp_folder()"))
    assert "killed.bin" in [path.name for path in folder.glob("*/*")]
    os.kill(zone.ask("os.getpid()"), signal.SIGKILL)
    expect(zone.row("killed.bin").locator(".state")).to_contain_text("The kernel was restarted or ended")
    expect(zone.row("killed.bin").get_by_role("progressbar")).to_be_hidden()
    expect(zone.row("killed.bin").get_by_role("button")).to_have_count(0)
    zone.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    opened.tell(SETUP)
    assert not folder.exists()


@FRONTENDS
def test_notebook_7_takes_drops_too(notebook, tmp_path):
    cell = new_code_cell("import nbfiles\nzone = nbfiles.drop_zone()\nzone")
    nbformat.write(new_notebook(cells=[cell], metadata=SPEC), notebook.lab.root / "seven.ipynb")
    notebook.open("seven.ipynb", view="notebooks")
    notebook.page.locator(".jp-CodeCell .cm-content").click()
    notebook.page.keyboard.press("Control+Enter")
    root = notebook.page.locator(".nbfiles-drop")
    expect(root).to_be_visible()
    (path,) = written(tmp_path, seven_bin=30_000_000)
    drop(root, path)
    expect(root.locator("li", has_text="seven.bin").locator(".state")).to_contain_text("uploaded")
    expect(root.locator("code")).to_have_text("%%ask_file seven.bin")

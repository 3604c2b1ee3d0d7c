"""Python objects as files: the real libraries, and what a person gets when one cannot be written."""

import io
import json
import sys
from pathlib import Path

import altair
import matplotlib.figure
import numpy as np
import pandas as pd
import plotly.graph_objects
import polars as pl
import pytest
from PIL import Image

from nbfiles._files.file_kinds import HEAD_BYTES, as_it_is
from nbfiles._files.sources import objects
from nbfiles.errors import UnusableFile


@pytest.fixture
def write(tmp_path):
    return lambda value, name="x": objects.write(value, name, lambda file_name: tmp_path / file_name)


def test_a_frame_is_csv_without_row_numbers(write):
    path = write(pd.DataFrame({"a": [1, 2], "b": ["ü", None]}), "df")
    assert path.name == "df.csv"
    assert path.read_text(encoding="utf-8") == "a,b\n1,ü\n2,\n"


def test_an_index_that_means_something_is_kept(write):
    frame = pd.DataFrame({"a": [1, 2]}, index=["x", "y"])
    assert write(frame).read_text() == ",a\nx,1\ny,2\n"
    named = pd.DataFrame({"a": [1]}, index=pd.RangeIndex(1, name="row"))
    assert write(named).read_text() == "row,a\n0,1\n"
    filtered = pd.DataFrame({"a": [1, 2]})[lambda d: d.a > 1]
    assert write(filtered).read_text() == ",a\n1,2\n"


def test_a_series_is_a_frame_of_one_column(write):
    assert write(pd.Series([1, 2], name="a")).read_text() == "a\n1\n2\n"
    assert write(pl.Series("a", [1, 2])).read_text() == "a\n1\n2\n"


def test_a_large_frame_is_parquet_and_comes_back_the_same(write):
    frame = pd.DataFrame({1: np.arange(3_000_000.0)})
    path = write(frame)
    assert path.suffix == ".parquet"
    assert (pd.read_parquet(path)["1"] == frame[1]).all()


def test_a_polars_frame_is_csv_and_parquet_when_nested(write):
    assert write(pl.DataFrame({"a": [1]})).read_text() == "a\n1\n"
    nested = pl.DataFrame({"a": [[1, 2]]})
    assert pl.read_parquet(write(nested)).equals(nested)


def test_the_same_frame_is_the_same_bytes(write):
    frame = pd.DataFrame({"a": [0.1, 2.5e300], "t": pd.to_datetime(["2026-01-01", "2026-01-02"])})
    assert write(frame, "one").read_bytes() == write(frame.copy(), "two").read_bytes()


def test_an_array_is_exact(write):
    array = np.random.default_rng(1).normal(size=(3, 4, 5))
    assert (np.load(write(array)) == array).all()


def test_figures_and_images_are_png(write):
    figure = matplotlib.figure.Figure()
    axes = figure.subplots()
    axes.plot([1, 2])
    for value in (figure, axes, Image.new("RGB", (3, 3)), Image.new("L", (3, 3)).convert("P")):
        assert write(value).read_bytes().startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def charts():
    """A figure of Plotly and a chart of Altair, with the name Pinguin in their data."""
    frame = pd.DataFrame({"bird": ["Pinguin", "Möwe"], "mass": [4, 1]})
    bars = plotly.graph_objects.Figure(plotly.graph_objects.Bar(x=frame.bird, y=frame.mass))
    return bars, altair.Chart(frame).mark_bar().encode(x="bird", y="mass")


def test_figures_that_a_browser_draws_are_png_too(write, charts):
    for chart in charts:
        path = write(chart, "bars")
        assert (path.name, objects.note(chart, path)) == ("bars.png", "")
        with Image.open(path) as picture:
            assert min(picture.size) > 50


def test_a_figure_that_cannot_be_drawn_is_its_data_and_says_what_it_needs(write, charts, monkeypatch):
    for module in ("kaleido", "vl_convert"):
        monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    monkeypatch.setattr("plotly.io._kaleido.kaleido_available", lambda: False, raising=False)
    for chart, needed in zip(charts, ("kaleido", "vl-convert-python"), strict=True):
        path = write(chart, "bars")
        assert path.name == "bars.json"
        assert "Pinguin" in str(json.loads(path.read_text()))
        assert f"%pip install {needed}" in objects.note(chart, path)
        assert not path.with_suffix(".png").exists()


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("# Über", "x.txt"),
        (b"%PDF-1.7", "x.pdf"),
        (b"plain", "x.txt"),
        (bytearray(b"\0\1"), "x.bin"),
        (memoryview(b"\x89PNG\r\n\x1a\n"), "x.png"),
        (io.BytesIO(b"plain"), "x.txt"),
        (io.StringIO("text"), "x.txt"),
    ],
)
def test_text_bytes_and_streams_get_the_extension_of_what_they_are(write, value, name):
    assert write(value).name == name


def test_a_stream_is_copied_from_its_start_and_left_where_it_was(write, tmp_path):
    (tmp_path / "notes.md").write_text("hello")
    with (tmp_path / "notes.md").open() as handle:
        handle.seek(3)
        path = objects.write(handle, "handle", lambda name: tmp_path / f"copy-{name}")
        assert (path.name, path.read_text(), handle.tell()) == ("copy-notes.md", "hello", 3)


def test_a_pipe_is_spooled_whole(write):
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.pieces = [b"ab", b"c", b""]

        def readable(self):
            return True

        def read(self, _size=-1):
            return self.pieces.pop(0)

    assert write(Pipe()).read_bytes() == b"abc"


def test_a_stream_without_end_is_stopped(write, monkeypatch):
    monkeypatch.setattr(objects, "FILE_BYTES", 10**7)
    with Path("/dev/zero").open("rb") as zeros, pytest.raises(UnusableFile, match="the limit of the API"):
        write(zeros)


def test_a_path_is_the_file_it_names(write, tmp_path):
    assert write(tmp_path / "a.pdf") == tmp_path / "a.pdf"


@pytest.mark.parametrize("value", [1, 2.5, None, {"a": 1}, [1, 2], object(), int])
def test_what_has_no_form_is_refused_in_one_line(write, value):
    assert not objects.can_be_file(value)
    with pytest.raises(UnusableFile, match="cannot become a file"):
        write(value)


def test_what_fails_when_it_is_looked_at_has_no_form(write):
    class Lazy:
        def __getattr__(self, name):
            raise RuntimeError("not loaded")

    with pytest.raises(UnusableFile, match="of type Lazy, cannot become a file"):
        write(Lazy())


@pytest.mark.parametrize("value", [np.array([object()]), io.BytesIO()])
def test_what_cannot_be_written_is_said_in_one_line(write, value):
    if isinstance(value, io.BytesIO):
        value.close()
    with pytest.raises(UnusableFile) as caught:
        write(value)
    assert "\n" not in str(caught.value)


def test_only_data_and_pictures_count_in_a_sentence():
    assert objects.is_data(pd.DataFrame())
    assert not objects.is_data("summary")
    assert not objects.is_data(b"x")
    assert as_it_is("x.npy", np.arange(3).tobytes()[:HEAD_BYTES])

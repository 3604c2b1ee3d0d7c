"""Files from URLs: whole, bounded, and never from another scheme or, by a redirect, from this machine."""

import pytest

from nbfiles._files.sources import urls
from nbfiles.errors import UnusableFile
from tests.scripted import Reply, scripted


@pytest.fixture
def fetch(tmp_path):
    return lambda url: urls.fetch(url, lambda name: tmp_path / name)


def test_a_file_comes_whole_under_its_name(fetch):
    with scripted(Reply(b"hello" * 1000)) as server:
        path = fetch(f"{server.url}/data/report%20q3.pdf?x=1")
    assert (path.name, path.stat().st_size) == ("report q3.pdf", 5000)


@pytest.mark.parametrize(
    ("where", "mime_type", "name"),
    [("/", "text/html; charset=utf-8", "127.0.0.1.html"), ("/article", "text/html", "article.html")],
)
def test_a_page_without_a_name_gets_one(fetch, where, mime_type, name):
    with scripted(Reply(b"<p>", headers={"content-type": mime_type})) as server:
        assert fetch(server.url + where).name == name


def test_a_redirect_is_followed(fetch):
    with scripted(Reply(status=302, headers={"location": "/b.txt"}), Reply(b"x")) as server:
        assert fetch(f"{server.url}/a").name == "b.txt"


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://localhost/x", "http://example.com/x", "data:text/plain,x", "gopher://x"],
)
def test_a_redirect_out_of_https_is_refused(fetch, target):
    with (
        scripted(Reply(status=302, headers={"location": target})) as server,
        pytest.raises(UnusableFile),
    ):
        fetch(server.url)


def test_a_public_page_cannot_lead_to_this_machine():
    with pytest.raises(UnusableFile, match="Only https"):
        urls._allowed_host("http://127.0.0.1:8888/api", "example.com")
    with pytest.raises(UnusableFile, match="Only https"):
        urls._allowed_host("https://localhost/api", "example.com")


def test_redirects_in_circles_end(fetch):
    circle = [Reply(status=302, headers={"location": "/a"})] * 10
    with scripted(*circle) as server, pytest.raises(UnusableFile):
        fetch(f"{server.url}/a")


@pytest.mark.parametrize("url", ["http://example.com/x", "file:///etc/passwd", "https://", "https://me:pw@example.com"])
def test_other_urls_are_refused_before_anything_is_sent(fetch, url):
    with pytest.raises(UnusableFile):
        fetch(url)


def test_a_missing_page_is_said(fetch):
    with scripted(Reply(b"no", status=404)) as server, pytest.raises(UnusableFile, match="404"):
        fetch(server.url)


def test_a_cut_download_is_noticed(fetch):
    with scripted(Reply(b"hello" * 10, cut=7)) as server, pytest.raises(UnusableFile, match="broke off"):
        fetch(f"{server.url}/a.txt")


def test_too_large_is_refused_before_and_while_it_comes(fetch, monkeypatch):
    monkeypatch.setattr(urls, "FILE_BYTES", 10)
    with scripted(Reply(b"x" * 11)) as server, pytest.raises(UnusableFile, match="limit of the API"):
        fetch(f"{server.url}/a.txt")
    chunks = Reply(b"b\r\nxxxxxxxxxxx\r\n0\r\n\r\n", headers={"transfer-encoding": "chunked"})
    with scripted(chunks) as server, pytest.raises(UnusableFile, match="limit of the API"):
        fetch(f"{server.url}/a.txt")


def test_a_server_that_drips_is_given_up(fetch, monkeypatch):
    monkeypatch.setattr(urls, "TOTAL_S", -1.0)
    with scripted(Reply(b"hello")) as server, pytest.raises(UnusableFile, match="too slowly"):
        fetch(f"{server.url}/a.txt")


def test_nobody_there_is_said(fetch):
    with pytest.raises(UnusableFile, match=r"cannot be read: Connection refused\. Check the address"):
        fetch("http://127.0.0.1:9/a.txt")

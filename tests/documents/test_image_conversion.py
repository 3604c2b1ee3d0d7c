"""An image is sent as the API takes it, and what was done to it is said."""

import io
from importlib.util import find_spec

import pytest
from PIL import Image, features

from nbfiles._documents import checks
from nbfiles._documents.pdf import DocumentError


def gradient(mode, size=(64, 32)):
    """An image that is dark on the left and bright on the right."""
    image = Image.linear_gradient("L").rotate(90).resize(size)
    return image.convert(mode)


def read(path):
    with Image.open(path) as image:
        image.load()
        return image


@pytest.fixture
def fit(tmp_path):
    def convert(image, name, **options):
        if isinstance(image, bytes):
            (tmp_path / name).write_bytes(image)
        else:
            image.save(tmp_path / name, **options)
        kind, note = checks.fit_image(tmp_path / name, tmp_path / "out.png")
        return (read(tmp_path / "out.png") if kind else None), kind, note

    return convert


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp"])
def test_what_the_api_takes_is_not_touched(fit, name):
    assert fit(gradient("RGB"), name) == (None, "", "")


@pytest.mark.parametrize("name", ["a.bmp", "a.tif", "a.avif"])
def test_other_formats_become_png(fit, name):
    if name == "a.avif" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    image, kind, note = fit(gradient("RGB"), name)
    assert (kind, image.format, image.size, image.mode) == ("PNG", "PNG", (64, 32), "RGB")
    assert note == f"{ {'a.bmp': 'BMP', 'a.tif': 'TIFF', 'a.avif': 'AVIF'}[name] } converted to PNG, 64 × 32 pixels"


def test_the_pages_of_a_tiff_are_stacked(fit):
    pages = [Image.new("RGB", (40, 20), colour) for colour in ("red", "green", "blue")]
    image, _, note = fit(pages[0], "a.tif", save_all=True, append_images=pages[1:])
    assert image.size == (40, 60)
    assert [image.getpixel((5, y)) for y in (5, 25, 45)] == [(255, 0, 0), (0, 128, 0), (0, 0, 255)]
    assert note == "TIFF converted to PNG, 3 pages stacked in one image, 40 × 60 pixels"


def test_pages_that_do_not_fit_are_said(fit):
    page = Image.new("L", (10, 10))
    _, _, note = fit(page, "a.tif", save_all=True, append_images=[page] * 9)
    assert "4 pages stacked in one image, of 10; to have all of them read, save it as PDF" in note


def test_cmyk_becomes_rgb(fit):
    image, kind, note = fit(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "a.jpg")
    assert (kind, image.mode) == ("JPEG", "RGB")
    red, green, blue = image.getpixel((4, 4))
    assert (red > 200, green < 60, blue < 60) == (True, True, True)
    assert note == "CMYK converted to RGB, 8 × 8 pixels"


@pytest.mark.parametrize(("mode", "name"), [("I;16", "a.png"), ("I;16", "a.tif"), ("F", "a.tif")])
def test_deep_images_are_neither_black_nor_white(fit, mode, name):
    deep = Image.new(mode, (100, 1))
    for x in range(100):
        deep.putpixel((x, 0), 1000 + 10 * x)
    image, _, note = fit(deep, name)
    assert image.mode == "L"
    assert (image.getpixel((0, 0)), image.getpixel((99, 0))) == (0, 255)
    assert 120 < image.getpixel((50, 0)) < 136
    assert "from the darkest to the brightest value" in note


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_a_rotated_image_is_upright(fit, name):
    exif = Image.Exif()
    exif[0x0112] = 6  # the right side is on top
    image, _, note = fit(gradient("RGB"), name, exif=exif)
    assert image.size == (32, 64)
    assert image.getexif().get(0x0112, 1) == 1
    assert "rotated upright" in note


def test_a_large_image_that_is_converted_is_made_smaller(fit):
    image, _, note = fit(gradient("RGB", (5_000, 4_000)), "a.bmp")
    assert image.size == (2_500, 2_000)
    assert note == "BMP converted to PNG, scaled to half its width and height, 2,500 × 2,000 pixels"


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_an_animation_is_said(fit, name):
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 100, 200)]
    _, kind, note = fit(frames[0], name, save_all=True, append_images=frames[1:])
    assert (kind, note) == ("", "animated, 3 frames: Claude may see only the first one")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_an_image_that_is_cut_off_is_refused(fit, kind):
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    data = io.BytesIO()
    noise.save(data, kind)
    with pytest.raises(DocumentError, match=r"cut off|not a readable image"):
        fit(data.getvalue()[: len(data.getvalue()) // 2], f"a.{kind.lower()}")


def test_a_heic_image_without_its_reader_says_what_to_do(fit):
    has_reader = find_spec("pi_heif") or find_spec("pillow_heif")
    words = "not a readable image" if has_reader else r"Save it as JPEG, .*: %pip install pi-heif"
    with pytest.raises(DocumentError, match=words):
        fit(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), "a.heic")


def test_many_pixels_are_not_unpacked(fit):
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "TIFF", compression="group4")
    with pytest.raises(DocumentError, match="pixels"):
        fit(bomb.getvalue(), "a.tif")


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_of_an_animation_in_another_format_the_first_picture_is_taken(fit):
    frames = [Image.new("RGB", (9, 5), colour) for colour in ("red", "blue")]
    image, kind, note = fit(frames[0], "a.avif", save_all=True, append_images=frames[1:])
    assert (kind, image.size) == ("PNG", (9, 5))
    assert note == "AVIF converted to PNG, animated, the first of 2 images, 9 × 5 pixels"

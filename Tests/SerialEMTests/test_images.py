"""Images through the wire: no byte lost, the top row first, and no client left hanging."""

import numpy
import pytest

from serialem_client import SEMmoduleError


def noise(seed, shape, dtype):
    source = numpy.random.default_rng(seed)
    if dtype == "float32":
        return source.standard_normal(shape, dtype="float32")
    limits = numpy.iinfo(dtype)
    return source.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def put(client, image, buffer="T"):
    client.PutImageInBuffer(image, buffer, image.shape[1], image.shape[0])


@pytest.mark.parametrize("shape, dtype", [
    ((64, 96), "uint8"), ((64, 96), "int16"), ((64, 96), "uint16"), ((64, 96), "float32"), ((64, 96, 3), "uint8"),
    ((1, 1), "uint8"), ((1, 999), "uint8"), ((999, 1), "int16"), ((33, 17), "float32"),
])
def test_an_image_comes_back_as_it_was_put(still_serialem, shape, dtype):
    image = noise(1, shape, dtype)
    still_serialem.Echo("first")
    put(still_serialem, image)
    back = still_serialem.bufferImage("T")
    assert (back.shape, back.dtype) == (image.shape, image.dtype)
    assert back.tobytes() == image.tobytes()


def test_two_hundred_small_images_come_back_and_none_hangs(still_serialem):
    """The module's first receive takes what has come with the header and throws it away: only an urgent byte stops it there."""
    still_serialem.Echo("first")
    for number in range(200):
        image = noise(number, (32, 32 + number % 7), "int16")
        put(still_serialem, image)
        assert still_serialem.bufferImage("T").tobytes() == image.tobytes()


@pytest.mark.parametrize("shape, dtype, chunks", [
    ((4096, 4096), "uint16", 1), ((4096, 4096), "float32", 2), ((4092, 5760), "int16", 2), ((4096, 4096, 3), "uint8", 2)])
def test_a_large_image_comes_back_in_its_parts(still_serialem, shape, dtype, chunks):
    image = noise(2, shape, dtype)
    assert -(-image.nbytes // 33_620_000) == chunks
    still_serialem.Echo("first")
    put(still_serialem, image)
    assert numpy.array_equal(still_serialem.bufferImage("T"), image)


def test_a_wide_image_is_not_sheared(still_serialem):
    image = numpy.arange(10 * 20, dtype="int16").reshape(10, 20)
    still_serialem.Echo("first")
    put(still_serialem, image)
    assert still_serialem.ImageProperties("T")[:2] == (20, 10)
    assert numpy.array_equal(still_serialem.bufferImage("T"), image)


def test_an_empty_buffer_is_refused_and_the_stream_stays_in_step(still_serialem):
    still_serialem.Echo("first")
    with pytest.raises(SEMmoduleError):
        still_serialem.bufferImage("S")
    assert len(still_serialem.ReportStageXYZ()) == 3


def test_an_image_is_in_its_buffer_before_the_next_message_is_looked_at(still_serialem):
    still_serialem.Echo("first")
    for size in (16, 64, 256):
        put(still_serialem, noise(3, (size, size), "uint8"), "S")
        assert still_serialem.ImageProperties("S")[:2] == (size, size)


@pytest.mark.parametrize("command", ["View", "Search", "Preview", "Record"])
def test_a_shot_is_in_buffer_a_as_large_as_it_says(imaging, command):
    imaging.command(command)
    width, height = imaging.ImageProperties("A")[:2]
    image = imaging.bufferImage("A")
    assert image.shape == (height, width)
    assert image.min() < image.max()


def test_older_images_roll_on(imaging):
    imaging.View()
    first = imaging.bufferImage("A")
    imaging.View()
    assert numpy.array_equal(imaging.bufferImage("B"), first)
    assert not numpy.array_equal(imaging.bufferImage("A"), first)


def test_a_shot_told_to_return_at_once_leaves_buffer_a_alone(imaging):
    imaging.View()
    before = imaging.bufferImage("A")
    imaging.EarlyReturnNextShot(0)
    imaging.View()
    assert numpy.array_equal(imaging.bufferImage("A"), before)
    imaging.View()
    assert numpy.array_equal(imaging.bufferImage("B"), before)


def test_cropping_keeps_the_middle(serialem):
    image = noise(4, (64, 96), "int16")
    serialem.Echo("first")
    put(serialem, image)
    serialem.CropCenterToSize("T", 32, 16)
    assert numpy.array_equal(serialem.bufferImage("A"), image[24:40, 32:64])

"""The files beside the images: MRC files that every program opens, and mdocs that SmartScope's reader understands."""

import re

import mrcfile
import numpy
import pytest

import mdoc


@pytest.fixture
def serialem(imaging):
    return imaging


@pytest.fixture
def square(simulator, serialem):
    """Three images of one file, and the file."""
    serialem.OpenNewFile("square.mrc")
    images = []
    for step in range(3):
        serialem.MoveStageTo(10.0 * step, -5.0)
        serialem.Search()
        serialem.Save()
        serialem.AddToAutodoc("Note", f"image {step}")
        images.append(serialem.bufferImage("A"))
    serialem.WriteAutodoc()
    serialem.CloseFile()
    return images, simulator.file("square.mrc")


@pytest.fixture
def montage(simulator, serialem):
    serialem.OpenNewMontage(3, 2, "atlas.mrc")
    serialem.Montage()
    serialem.CloseFile()
    return simulator.file("atlas.mrc")


@pytest.fixture
def frames(simulator, serialem):
    serialem.SetFolderForFrames("X:\\frames")
    serialem.SetFrameBaseName(1, 1, 0, "exposure-1")
    serialem.SetDoseFracParams("R", 1, 1, 0)
    serialem.Record()
    return simulator.file(serialem.ReportLastFrameFile()[2])


def test_a_saved_image_is_the_buffer_turned_over(square):
    images, path = square
    with mrcfile.open(path) as file:
        assert file.data.shape == (3, *images[0].shape)
        for section, image in zip(file.data, images):
            assert section.dtype == image.dtype
            assert numpy.array_equal(section, numpy.flipud(image))


def test_a_saved_image_is_read_back_the_right_way_up(square, serialem):
    images, _ = square
    serialem.ReadOtherFile(1, "P", "square.mrc")
    assert numpy.array_equal(serialem.bufferImage("P"), images[1])


@pytest.mark.parametrize("kind", ["square", "montage", "frames"])
def test_every_file_is_a_valid_mrc_file(request, kind, capsys):
    made = request.getfixturevalue(kind)
    path = made[1] if isinstance(made, tuple) else made
    assert mrcfile.validate(path), capsys.readouterr().out


def test_the_header_counts_sections_and_measures_the_cell_in_angstroms(square):
    images, path = square
    with mrcfile.open(path, header_only=True) as file:
        header = file.header
        assert int(header.mode) in (0, 1, 2, 6)
        assert (header.mx, header.my, header.mz) == (header.nx, header.ny, header.nz) == (*images[0].shape[::-1], 3)
        spacing = float(mdoc.read_images(f"{path}.mdoc")[0]["PixelSpacing"])
        assert float(header.cella.x) == pytest.approx(spacing * int(header.nx), rel=1e-3)


def test_one_image_is_a_file_of_one_section(simulator, serialem):
    serialem.OpenNewFile("one.mrc")
    serialem.View()
    serialem.Save()
    serialem.CloseFile()
    path = simulator.file("one.mrc")
    assert mrcfile.validate(path)
    with mrcfile.open(path) as file:
        assert int(file.header.mz) == 1
    assert len(mdoc.read_images(f"{path}.mdoc")) == 1


def test_a_montage_is_a_stack_of_its_tiles(montage):
    with mrcfile.open(montage) as file:
        assert int(file.header.nz) == int(file.header.mz) == 6
    tiles = mdoc.read_images(f"{montage}.mdoc")
    places = [mdoc.numbers(tile["PieceCoordinates"]) for tile in tiles]
    assert len(places) == len(set(map(tuple, places))) == 6
    assert len({x for x, _, _ in places}) == 3
    assert len({y for _, y, _ in places}) == 2


@pytest.mark.parametrize("kind", ["square", "montage"])
def test_every_key_that_is_needed_survives_its_reader(request, kind):
    made = request.getfixturevalue(kind)
    path = made[1] if isinstance(made, tuple) else made
    needed = mdoc.IMAGE_KEYS | ({"PieceCoordinates"} if kind == "montage" else set())
    for image in mdoc.read_images(f"{path}.mdoc"):
        assert not needed - image.keys()
        assert len(mdoc.numbers(image["StagePosition"])) in (2, 3)
        assert float(image["PixelSpacing"]) > 0 and float(image["Binning"]) >= 0.5


@pytest.mark.parametrize("kind", ["square", "montage"])
def test_an_mdoc_has_two_titles_and_an_empty_line_before_every_block(request, kind):
    made = request.getfixturevalue(kind)
    text = mdoc.text_of(f"{made[1] if isinstance(made, tuple) else made}.mdoc")
    blocks = text.removesuffix("\n").split("\n\n")
    assert text.endswith("\n") and not text.endswith("\n\n") and "\r" not in text
    assert blocks[1].startswith("[T = SerialEM:") and "\n" not in blocks[1]
    assert re.fullmatch(r"\[T = {5}Tilt axis angle = -?[\d.]+, binning = [\d.]+  spot = \d+  camera = \d+\]", blocks[2])
    headings = [block.splitlines()[0] for block in blocks[3:]]
    images = [heading for heading in headings if not heading.startswith("[MontSection =")]
    assert images == [f"[ZValue = {number}]" for number in range(len(images))]
    for line in (line for block in [blocks[0], *blocks[3:]] for line in block.splitlines() if not line.startswith("[")):
        assert re.fullmatch(r"\w+ = .+", line), line


def test_an_mdoc_says_where_each_image_was_taken(square):
    _, path = square
    for step, image in enumerate(mdoc.read_images(f"{path}.mdoc")):
        assert mdoc.numbers(image["StagePosition"])[:2] == pytest.approx([10.0 * step, -5.0], abs=1)


def test_an_mdoc_has_what_was_added_to_it(square):
    _, path = square
    assert [line for line in mdoc.text_of(f"{path}.mdoc").splitlines() if line.startswith("Note")] == [
        f"Note = image {step}" for step in range(3)]


def test_an_mdoc_says_the_range_of_its_image(square):
    images, path = square
    text = mdoc.text_of(f"{path}.mdoc")
    for words, image in zip(re.findall(r"^MinMaxMean = (.+)$", text, re.M), images, strict=True):
        assert mdoc.numbers(words) == pytest.approx([image.min(), image.max(), image.mean()], rel=1e-3, abs=0.1)


def test_the_frames_are_as_many_as_was_said(frames, serialem):
    with mrcfile.open(frames, header_only=True) as file:
        assert int(file.header.nz) == serialem.ReportNumFramesSaved()


def test_the_frames_bear_the_name_they_were_given(frames, serialem):
    path, folder, name = serialem.ReportLastFrameFile()
    assert "exposure-1" in name
    assert path == f"{folder}\\{name}"


def test_the_mdoc_of_frames_has_no_titles_in_brackets_and_one_set(frames):
    text = mdoc.text_of(f"{frames}.mdoc")
    assert "[T" not in text
    assert [line for line in text.splitlines() if line.startswith("[")] == ["[FrameSet = 0]"]


def test_the_path_of_the_frames_survives_their_reader(frames, serialem):
    found, = mdoc.read_frames(f"{frames}.mdoc")
    assert found["SubFramePath"] == serialem.ReportLastFrameFile()[0]
    assert not mdoc.IMAGE_KEYS - found.keys()

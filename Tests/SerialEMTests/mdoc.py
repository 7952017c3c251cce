"""How SmartScope reads an mdoc: what does not survive this was never there for it."""

import pathlib
import re

# The value has no other signs, and a newline stands behind it: so the last line of a block is lost.
LINE = re.compile(r"(\w+) = ([\w\-.\\:\s]+?)\n")
# What it looks up of an image; of a tile of a montage also where it lies.
IMAGE_KEYS = {"PixelSpacing", "StagePosition", "StageZ", "RotationAngle", "TiltAngle", "Binning", "Voltage"}


def read_images(path):
    """A dictionary an image: the file's own keys, and over them the image's."""
    blocks = text_of(path).split("\n\n")
    # The two titles stand between the file's keys and the first image.
    return [survivors(blocks[0], block) for block in blocks[3:] if "[MontSection =" not in block]


def read_frames(path):
    """The same for the file beside a frame stack, which has no titles in blocks of their own."""
    blocks = text_of(path).split("\n\n")
    return [survivors(blocks[0], block) for block in blocks[1:]]


def survivors(head, block):
    return {**dict(LINE.findall(head)), **dict(LINE.findall(block))}


def numbers(text):
    return [float(word) for word in text.split()]


def text_of(path):
    """Newlines as they stand: a carriage return would be no empty line's end."""
    return pathlib.Path(path).read_bytes().decode("ascii")

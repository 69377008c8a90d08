#!/usr/bin/python3
"""Photographs as a telephone makes them, and a loader to compare with.

  phone_photos.py make FOLDER COUNT [MEGAPIXELS]
      Makes FOLDER with two classes, day and night: JPEG files of 12 megapixels
      with EXIF orientations, and among each 100 a WebP file, a CMYK JPEG file,
      an empty and a truncated one.
  phone_photos.py read FOLDER SIDE PROCESSES
      Decodes them with Pillow, scaled (draft mode), upright, resized to
      SIDE x SIDE, into one array, and prints the seconds. Broken files are
      left out.

Needs the Debian packages python3-pil and python3-numpy.
"""

import multiprocessing
import os
import sys
import time

import numpy as np
from PIL import Image, ImageOps

ORIENTATIONS = (1, 6, 3, 8)


def scene(rng, height, width):
    """Clouds of several sizes, and the noise of a sensor."""
    picture = np.zeros((height, width, 3), np.float32)
    for side, weight in ((6, 80), (40, 50), (250, 30), (1000, 14)):
        rows = max(2, side * height // width)
        small = rng.integers(0, 256, (rows, side, 3), np.uint8)
        layer = Image.fromarray(small).resize((width, height), Image.BICUBIC)
        picture += np.asarray(layer, np.float32) * (weight / 174)
    picture += rng.normal(0, 4, (height, width, 1)).astype(np.float32)
    return np.clip(picture, 0, 255)


def make_some(job):
    """The photographs whose numbers have this remainder."""
    folder, count, megapixels, part, parts = job
    height = int((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = height * 4 // 3
    rng = np.random.default_rng(part)
    scenes = [scene(rng, height, width) for _ in range(3)]
    for i in range(part, count, parts):
        name, factor = (("day", 1.0), ("night", 0.35))[i % 2]
        pixels = scenes[i // parts % 3]
        pixels = np.roll(pixels, (97 * i % height, 211 * i % width), (0, 1))
        image = Image.fromarray((pixels * factor).astype(np.uint8))
        exif = Image.Exif()
        exif[0x010F] = "Telephone"
        exif[0x0112] = ORIENTATIONS[i % 4]
        path = os.path.join(folder, name, "IMG_%05d" % i)
        kind = i % 100
        if kind == 17:
            image.save(path + ".webp", quality=85, method=0, exif=exif)
        elif kind == 38:
            image.convert("CMYK").save(path + ".jpg", quality=90)
        elif kind == 59:
            open(path + ".jpg", "w").close()
        else:
            image.save(path + ".jpg", quality=90, exif=exif)
        if kind == 76:
            os.truncate(path + ".jpg", os.path.getsize(path + ".jpg") // 2)


def make(folder, count, megapixels=12.0):
    """Makes the folder."""
    for name in ("day", "night"):
        os.makedirs(os.path.join(folder, name))
    parts = os.cpu_count()
    with multiprocessing.Pool(parts) as pool:
        pool.map(make_some,
                 [(folder, count, megapixels, p, parts) for p in range(parts)],
                 chunksize=1)


def read_one(job):
    """The pixels of a file, or None."""
    path, side = job
    try:
        with Image.open(path) as image:
            image.draft("RGB", (2 * side, 2 * side))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            return np.asarray(upright.resize((side, side), Image.BICUBIC))
    except (OSError, SyntaxError):
        return None


def read(folder, side, processes):
    """Reads the folder, and prints the seconds."""
    start = time.monotonic()
    paths = sorted(
        os.path.join(at, name) for at, _, names in os.walk(folder)
        for name in names)
    with multiprocessing.Pool(processes) as pool:
        images = pool.map(read_one, [(path, side) for path in paths],
                          chunksize=4)
    array = np.stack([image for image in images if image is not None])
    print("pillow: %d of %d images of %d x %d in %.2f s" %
          (len(array), len(paths), side, side, time.monotonic() - start))


if __name__ == "__main__":
    command, directory, *numbers = sys.argv[1:]
    if command == "make":
        make(directory, int(numbers[0]), *map(float, numbers[1:]))
    else:
        read(directory, *map(int, numbers))

"""Writes and reads pictures with Pillow, for test/conformance/pictures.test.ts.

pictures.py write FOLDER TEXTS.json   for each text a PNG by Pillow's own choice of chunk, one packed, and EXIF in others
pictures.py read FILE...              prints what Pillow finds in each, as JSON
"""

import json
import sys
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

EXIF_IFD = 0x8769
USER_COMMENT = 0x9286


def write(folder: Path, texts: list[str]) -> None:
    image = Image.new("RGB", (16, 12), (200, 30, 90))
    for index, text in enumerate(texts):
        for name, packed in (("plain", False), ("packed", True)):
            info = PngInfo()
            info.add_text("parameters", text, zip=packed)
            image.save(folder / f"{index}-{name}.png", pnginfo=info)
        exif = Image.Exif()
        exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
        for ending in ("jpg", "webp"):
            image.save(folder / f"{index}.{ending}", exif=exif)


def read(path: str) -> dict:
    with Image.open(path) as image:
        image.load()
        comment = image.getexif().get_ifd(EXIF_IFD).get(USER_COMMENT)
        return {
            "format": image.format,
            "size": list(image.size),
            "mode": image.mode,
            "corner": list(image.convert("RGB").getpixel((0, 0))),
            "texts": {key: value for key, value in getattr(image, "text", {}).items()},
            "comment": None if comment is None else comment[8:].decode("utf-16-be"),
            "code": None if comment is None else comment[:8].decode("latin-1"),
        }


if sys.argv[1] == "write":
    write(Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text("utf-8")))
else:
    print(json.dumps([read(path) for path in sys.argv[2:]]))

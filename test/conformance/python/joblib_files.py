"""Files that the real joblib writes. Nothing is loaded here.

`joblib_files.py SEED COUNT` prints one JSON line a file: what it is, how many raw arrays stand in it, whether it holds
an array of objects, whether a call stands behind or inside an array, and the bytes in base64.
"""

import base64
import io
import json
import os
import random
import sys

import joblib
import numpy

KINDS = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "c8", "c16", "b1", "S3", "U4", "M8[s]", "m8[ns]", ">f4", ">i8"]
FIELDS = [("a", "<f4"), ("b", "<i2", (2,)), ("c", "S3"), ("d", [("e", "u1"), ("f", "f8")])]
PACKINGS = [0, 0, 0, "zlib", "gzip", "bz2", "lzma", "xz", "lz4"]


class Call:
    """Pickled as a call that prints a word; never loaded."""

    def __reduce__(self):
        return os.system, ("echo harmless",)


def make_array(rng):
    shape = tuple(rng.randrange(0, 5) for _ in range(rng.randrange(0, 4)))
    kind = FIELDS if rng.random() < 0.15 else rng.choice(KINDS)
    dtype = numpy.dtype(kind)
    count = int(numpy.prod(shape, dtype=int))
    raw = bytes(rng.randrange(256) if rng.random() < 0.5 else 0 for _ in range(count * dtype.itemsize))
    array = numpy.frombuffer(raw, dtype=dtype).reshape(shape)
    return numpy.asfortranarray(array) if rng.random() < 0.3 else array


def make_file(rng):
    arrays = rng.randrange(1, 5)
    value = {f"k{index}": [make_array(rng), rng.random(), "text"] for index in range(arrays)}
    has_objects = rng.random() < 0.15
    call = rng.choice([None, None, "behind", "inside"])
    if call == "inside" or has_objects:
        has_objects = True
        value["objects"] = numpy.array([1, "a", None, Call() if call == "inside" else 2.5], dtype=object)
    if call == "behind":
        value["last"] = Call()
    packing = rng.choice(PACKINGS)
    protocol = rng.choice([2, 3, 4, 5])
    out = io.BytesIO()
    joblib.dump(value, out, compress=(packing, 3) if packing else 0, protocol=protocol)
    return {
        "what": f"{packing or 'plain'}, protocol {protocol}",
        "arrays": arrays + has_objects,
        "hasObjects": has_objects,
        "call": call,
        "bytes": base64.b64encode(out.getvalue()).decode(),
    }


rng = random.Random(int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    print(json.dumps(make_file(rng)))

"""What Python reads in zip archives, for comparison: one base64 archive a line, one line of JSON for each.

An answer holds, for `zipfile` and for torch's own reader where torch can be imported, the base64 of the bytes of every
member that they hand out; null where a reader is missing. What comes before an error in a member counts: a loader has
it by then.
"""
import base64
import io
import json
import sys
import warnings
import zipfile

warnings.simplefilter("ignore")
try:
    import torch

    Reader = torch._C.PyTorchFileReader
except Exception:
    Reader = None

MAX_MEMBER = 1 << 20


def with_zipfile(data):
    found = []
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:
        return found
    for item in [*archive.infolist(), *archive.namelist()]:
        held = b""
        try:
            with archive.open(item) as member:
                while len(held) < MAX_MEMBER:
                    piece = member.read(16)
                    if not piece:
                        break
                    held += piece
        except Exception:
            pass
        found.append(held)
    return found


def with_torch(data):
    found = []
    try:
        reader = Reader(io.BytesIO(data))
        for name in reader.get_all_records():
            try:
                found.append(reader.get_record(name))
            except Exception:
                pass
    except Exception:
        pass
    return found


def texts(members):
    return sorted({base64.b64encode(member).decode() for member in members if member})


for line in sys.stdin:
    data = base64.b64decode(line)
    answer = {"zipfile": texts(with_zipfile(data)), "torch": None if Reader is None else texts(with_torch(data))}
    sys.stdout.write(json.dumps(answer) + "\n")

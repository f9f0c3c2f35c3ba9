"""The programs that people load models with, each on the same files. `readings.py` reads base64 files, one a line, and answers
one line of JSON for each: for every program that took the bytes, what its pickles would have brought in.

Nothing is ever imported or called on behalf of a pickle: every unpickler here answers recorders in place of what a pickle
names, and of archives of TorchScript only the list of records is read. A program that is not installed is left out.
"""
import base64
import io
import json
import os
import pickle
import resource
import signal
import sys
import tempfile
import types
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from readers import MAX_MEMBER, Recorder, inert_class, inert_unpickler, plain_unpickler  # noqa: E402

MAX_MEMBERS = 50
# What one program may take of the processor for one file, and all of them of memory next to what is loaded.
CPU_SECONDS = 5
HEADROOM = 1 << 30


def available(name):
    try:
        return __import__(name)
    except ImportError:
        return None


torch = available("torch")
numpy = available("numpy")
joblib = available("joblib")
safetensors = available("safetensors")
lz4 = available("lz4.frame")
zstandard = available("zstandard")


def check_module(name):
    """No module is found by a name that is none."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise ModuleNotFoundError(name)


def inert_pickle(recorder, plain=True):
    """A stand-in for the module `pickle`."""


    class Unpickler((plain_unpickler if plain else inert_unpickler)(recorder)):
        def find_class(self, module, name):
            check_module(module)
            return super().find_class(module, name)

    module = types.ModuleType("inert")
    module.Unpickler = Unpickler
    module.UnpicklingError = pickle.UnpicklingError
    module.load = lambda file, **options: Unpickler(file, **options).load()
    return module


def read_pickle(recorder, data, plain=True):
    try:
        inert_pickle(recorder, plain).load(io.BytesIO(data), encoding="latin1")
        return True
    except (Exception, MemoryError):
        return False


# Each answers True where it took the bytes to their end, and raises where it did not; what it noted counts in any case.


def by_torch(path, recorder):
    torch.load(path, pickle_module=inert_pickle(recorder), weights_only=False, map_location="cpu")
    return True


def by_torch_records(path, recorder):
    reader = torch._C.PyTorchFileReader(path)
    for name in reader.get_all_records():
        if name.endswith(".pkl"):
            read_pickle(recorder, reader.get_record(name), plain=False)
    return len(reader.get_all_records()) > 0


def by_pickle(path, recorder):
    with open(path, "rb") as file:
        inert_pickle(recorder).load(file, encoding="latin1")
    return True


def by_joblib(path, recorder):
    from joblib import numpy_pickle

    own = {("joblib.numpy_pickle", "NumpyArrayWrapper"), ("numpy", "ndarray"), ("numpy", "dtype")}

    def find_class(self, module, name):
        if (module, name) in own:
            return pickle._Unpickler.find_class(self, module, name)
        check_module(module)
        name = "%s.%s" % (module, name)
        recorder.add("import", name)
        return inert_class(recorder, name)

    numpy_pickle.NumpyUnpickler.find_class = find_class
    joblib.load(path)
    return True


def by_numpy(path, recorder):
    from numpy.lib import format as npy

    inert = inert_pickle(recorder)
    impl = sys.modules.get("numpy.lib._npyio_impl") or sys.modules["numpy.lib.npyio"]
    impl.pickle = inert
    for module in {npy, sys.modules.get("numpy.lib._format_impl", npy)}:
        module.pickle = inert
    found = numpy.load(path, allow_pickle=True, encoding="latin1")
    if not hasattr(found, "files"):
        return True
    for name in found.files[:MAX_MEMBERS]:
        found[name]
    return len(found.files) > 0


def by_safetensors(path, recorder):
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        return file.keys() is not None


def by_tarfile(path, recorder):
    import tarfile

    with tarfile.open(path, "r:*") as archive:
        members = archive.getmembers()
        for member in members[:MAX_MEMBERS]:
            data = archive.extractfile(member)
            if data is not None:
                read_pickle(recorder, data.read(MAX_MEMBER))
    return len(members) > 0


def by_zipfile(path, recorder):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for name in names[:MAX_MEMBERS]:
            try:
                data = archive.open(name).read(MAX_MEMBER)
            except Exception:
                continue
            read_pickle(recorder, data, plain=not name.endswith("data.pkl"))
    return len(names) > 0


def by_stream(open_stream):
    def by(path, recorder):
        with open_stream(path) as stream:
            data = b""
            try:
                while len(data) < MAX_MEMBER:
                    piece = stream.read(512)
                    if not piece:
                        break
                    data += piece
            except Exception:
                pass
        read_pickle(recorder, data)
        return len(data) > 0

    return by


class zlib_stream:
    def __init__(self, path):
        import zlib

        with open(path, "rb") as file:
            self.stream = io.BytesIO(zlib.decompressobj().decompress(file.read(), MAX_MEMBER))

    def __enter__(self):
        return self.stream

    def __exit__(self, *_):
        pass


def list_loaders():
    import bz2
    import gzip
    import lzma

    yield "pickle", by_pickle
    yield "tarfile", by_tarfile
    yield "zipfile", by_zipfile
    yield "gzip", by_stream(lambda path: gzip.open(path))
    yield "bz2", by_stream(lambda path: bz2.open(path))
    yield "lzma", by_stream(lambda path: lzma.open(path))
    yield "zlib", by_stream(zlib_stream)
    if lz4:
        yield "lz4", by_stream(lambda path: lz4.frame.open(path))
    if zstandard:
        yield "zstd", by_stream(lambda path: zstandard.open(path))
    if torch:
        yield "torch", by_torch
        yield "torch-jit", by_torch_records
    if numpy:
        yield "numpy", by_numpy
    if joblib and numpy:
        yield "joblib", by_joblib
    if safetensors and numpy:
        yield "safetensors", by_safetensors


def limit_memory():
    with open("/proc/self/statm") as file:
        limit = int(file.read().split()[0]) * resource.getpagesize() + HEADROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def run(by, path):
    recorder = Recorder()
    try:
        took, error = by(path, recorder), None
    except (Exception, MemoryError) as problem:
        took, error = False, "%s: %s" % (type(problem).__name__, str(problem)[:200])
    return {"whole": bool(took), "events": recorder.events, "error": error}


def run_from(loaders, files, first, path, pipe):
    """Runs what is left, in a process that may end in any of it. Each answer is one line."""
    for number in range(first, len(files) * len(loaders)):
        index, turn = divmod(number, len(loaders))
        if turn == 0 or number == first:
            with open(path, "wb") as file:
                file.write(base64.b64decode(files[index]))
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        pipe.write(json.dumps([number, run(loaders[turn][1], path)]) + "\n")
        pipe.flush()


def run_all(loaders, files, path):
    """A file that ends the process with a fault of memory is one that was taken, and says so."""
    answers = [{} for _ in files]
    done = 0
    while done < len(files) * len(loaders):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            # What the libraries print is nobody's answer.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            with os.fdopen(writing, "w") as pipe:
                limit_memory()
                run_from(loaders, files, done, path, pipe)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            for line in pipe:
                number, answer = json.loads(line)
                index, turn = divmod(number, len(loaders))
                if answer["whole"] or answer["events"]:
                    answers[index][loaders[turn][0]] = answer
                done = number + 1
        _, status = os.waitpid(child, 0)
        if status != 0:
            index, turn = divmod(done, len(loaders))
            answers[index][loaders[turn][0]] = {"whole": True, "events": [], "error": "ended the process (%s)" % status}
            done += 1
    return answers


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    loaders = list(list_loaders())
    print(json.dumps([name for name, _ in loaders]), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for answer in run_all(loaders, sys.stdin.read().splitlines(), os.path.join(folder, "model.bin")):
            print(json.dumps(answer))

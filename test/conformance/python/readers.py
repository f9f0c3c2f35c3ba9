"""Python's own readers of pickles, for comparison. `readers.py genops|inert|plain|members` reads one base64 pickle a line and answers
one line of JSON for each; `readers.py make SEED COUNT` writes pickles of plain values, one base64 a line.

Nothing is ever imported or called on behalf of a pickle: `inert` and `plain` hand CPython's unpickler recorders in place
of everything that a pickle names. `plain` reads the first pickle alone, without a persistent_load and without buffers;
`members` reads the first pickle of everything that Python takes out of an archive.
"""
import base64
import io
import json
import pickletools
import sys

MAX_EVENTS = 2000
MAX_MEMBER = 1 << 20
# What may stand behind a pickle and is no other one.
BLANKS = b"\0\t\n\v\f\r "


def write(answer):
    sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")


# --- genops -------------------------------------------------------------------------------------------------------


def describe(argument):
    if argument is None:
        return None
    if isinstance(argument, bool):
        return ["bool", argument]
    if isinstance(argument, int):
        return ["int", format(argument, "x")]
    if isinstance(argument, float):
        return ["float", "nan" if argument != argument else argument.hex()]
    if isinstance(argument, str):
        return ["str", argument.encode("utf-8", "surrogatepass").hex()]
    return ["bytes", bytes(argument).hex()]


def genops(data):
    ops = []
    try:
        for opcode, argument, position in pickletools.genops(data):
            ops.append([position, opcode.name, describe(argument)])
        error = None
    except Exception as problem:
        error = "%s: %s" % (type(problem).__name__, problem)
    return {"ops": ops, "error": error}


# --- inert --------------------------------------------------------------------------------------------------------


class Recorder:
    """What one reading did, as a list of [what, name]."""

    def __init__(self):
        self.events = []

    def add(self, what, name):
        if len(self.events) < MAX_EVENTS:
            self.events.append([what, name])


class Inert:
    """What an inert call answers. It takes what unpicklers do to objects, and notes it."""

    def __init__(self, recorder, name):
        self.__dict__["_note"] = (recorder, name)

    def __call__(self, *args, **kwargs):
        recorder, name = self.__dict__["_note"]
        recorder.add("call-result", name)
        return Inert(recorder, name + "()")

    def __setitem__(self, key, value):
        pass

    def append(self, item):
        pass

    def extend(self, items):
        pass

    def add(self, item):
        pass


class InertWithState(Inert):
    """NumPy's and torch's objects take any state."""

    def __setstate__(self, state):
        pass


class InertDict(Inert, dict):
    """A dictionary of some kind may be a state, and here a key as well."""

    __hash__ = object.__hash__


DICTIONARIES = {"collections.OrderedDict", "collections.defaultdict", "collections.Counter"}
DICTIONARIES |= {"builtins.dict", "__builtin__.dict"}


def answer_of(recorder, name):
    if name in DICTIONARIES:
        return InertDict(recorder, name)
    takes_state = name.startswith(("numpy.", "torch.")) or name == "collections.deque"
    return (InertWithState if takes_state else Inert)(recorder, name)


class InertType(type):
    """A class in place of whatever was named: C insists on a class for NEWOBJ."""

    def __call__(cls, *args, **kwargs):
        recorder, name = cls.note
        recorder.add("call", name)
        return answer_of(recorder, name)

    def __setattr__(cls, key, value):
        recorder, name = cls.note
        recorder.add("set-attribute", name)


def inert_class(recorder, name):
    def new(cls, *args, **kwargs):
        recorder.add("call", name)
        return answer_of(recorder, name)

    return InertType("Inert", (), {"note": (recorder, name), "__new__": new})


def inert_unpickler(recorder):
    import _pickle

    class Unpickler(_pickle.Unpickler):
        def find_class(self, module, name):
            name = "%s.%s" % (module, name)
            recorder.add("import", name)
            return inert_class(recorder, name)

        def persistent_load(self, identity):
            tag = identity[0] if isinstance(identity, tuple) and identity else None
            recorder.add("persistent", tag if isinstance(tag, str) else "?")
            return Inert(recorder, "persistent")

    return Unpickler


def inert(data):
    recorder = Recorder()
    unpickler = inert_unpickler(recorder)
    stream = io.BytesIO(data)
    pickles = 0
    while pickles < 50 and (pickles == 0 or data[stream.tell() :].strip(BLANKS)):
        buffers = (bytearray(1) for _ in range(1000))
        try:
            unpickler(stream, encoding="latin1", buffers=buffers).load()
        except RecursionError as problem:
            return answer(recorder, pickles, "RecursionError: %s" % problem)
        except MemoryError:
            return answer(recorder, pickles, "MemoryError")
        except Exception as problem:
            if "unregistered extension code" in str(problem):
                recorder.add("extension", str(problem))
            return answer(recorder, pickles, "%s: %s" % (type(problem).__name__, problem))
        pickles += 1
    return answer(recorder, pickles, None)


def plain_unpickler(recorder):
    import _pickle

    class Unpickler(_pickle.Unpickler):
        def find_class(self, module, name):
            if "\0" in module:
                raise ModuleNotFoundError(module)
            name = "%s.%s" % (module, name)
            recorder.add("import", name)
            return inert_class(recorder, name)

    return Unpickler


def plain(data):
    recorder = Recorder()
    try:
        plain_unpickler(recorder)(io.BytesIO(data), encoding="latin1").load()
    except (Exception, MemoryError) as problem:
        return answer(recorder, 0, "%s: %s" % (type(problem).__name__, problem))
    return answer(recorder, 1, None)


def taken_out(data):
    import gzip
    import re
    import tarfile
    import zipfile
    import zlib

    def from_zip():
        archive = zipfile.ZipFile(io.BytesIO(data))
        # What stands at `data/0` are the numbers of torch.save, which nobody reads as a pickle.
        names = [name for name in archive.namelist() if not re.search(r"(^|/)data/\d+$", name)]
        return [(name, archive.open(name).read(MAX_MEMBER)) for name in names[:50]]

    def from_tar():
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:")
        files = [member for member in archive.getmembers()[:50] if member.isfile()]
        return [(member.name, archive.extractfile(member).read(MAX_MEMBER)) for member in files]

    for take in (
        from_zip,
        from_tar,
        lambda: [("", gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_MEMBER))],
        lambda: [("", zlib.decompressobj().decompress(data, MAX_MEMBER))],
    ):
        try:
            yield from take()
        except Exception:
            continue


def members(data):
    recorder = Recorder()

    class TextReader(plain_unpickler(recorder)):
        """A text may begin with 'c' and have two lines; no module is found by a name with blanks in it."""

        def find_class(self, module, name):
            if not all(part.isidentifier() for part in module.split(".")):
                raise ModuleNotFoundError(module)
            return super().find_class(module, name)

    def read(outer, depth):
        for name, inner in taken_out(outer):
            # torch alone has outside objects, and reads one member.
            reader = inert_unpickler(recorder) if name.endswith("data.pkl") else TextReader
            try:
                reader(io.BytesIO(inner), encoding="latin1").load()
            except (Exception, MemoryError):
                pass
            if depth < 4:
                read(inner, depth + 1)

    read(data, 0)
    return answer(recorder, 0, None)


def answer(recorder, pickles, error):
    return {"events": recorder.events, "pickles": pickles, "error": error}


# --- make ---------------------------------------------------------------------------------------------------------


def make(seed, count):
    import collections
    import pickle
    import random

    rng = random.Random(seed)

    def text():
        alphabet = "ab 'é\"\\\n\r\tжあ😀\x00\x1a\ufeff\u2028"
        return "".join(rng.choice(alphabet) for _ in range(rng.choice([0, 1, 2, 5, 300])))

    leaves = [
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.randrange(-5, 300),
        lambda: rng.randrange(-(2**40), 2**40),
        lambda: rng.randrange(-(2**600), 2**600),
        lambda: rng.choice([0.0, -0.0, 1e300, -1.5, float("inf"), float("-inf"), float("nan"), rng.random()]),
        text,
        lambda: text().encode("utf-8", "surrogatepass"),
        lambda: bytearray(text().encode()),
        lambda: complex(rng.random(), -1),
        lambda: range(rng.randrange(9)),
        lambda: slice(1, rng.randrange(9)),
        lambda: "\ud800x",
    ]

    def key():
        return rng.choice([text, lambda: rng.randrange(9), lambda: (1, text()), lambda: None, lambda: b"k"])()

    def value(depth):
        if depth <= 0 or rng.random() < 0.3:
            return rng.choice(leaves)()
        size = rng.choice([0, 1, 2, 3, 4, 9])
        return rng.choice(
            [
                lambda: [value(depth - 1) for _ in range(size)],
                lambda: tuple(value(depth - 1) for _ in range(size)),
                lambda: {key(): value(depth - 1) for _ in range(size)},
                lambda: {key() for _ in range(size)},
                lambda: frozenset(key() for _ in range(size)),
                lambda: collections.OrderedDict((key(), value(depth - 1)) for _ in range(size)),
                lambda: collections.Counter(text() for _ in range(size)),
                lambda: collections.defaultdict(rng.choice([None, list, dict, int]), {text(): value(depth - 1)}),
                lambda: collections.deque([value(depth - 1) for _ in range(size)], rng.choice([None, 20])),
                lambda: [value(depth - 1)] * size,
                lambda: [collections.OrderedDict, list, complex, set],
            ]
        )()

    for _ in range(count):
        protocol = rng.randrange(6)
        sys.stdout.write(base64.b64encode(pickle.dumps(value(4), protocol)).decode() + "\n")


def limit_memory():
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    limit_memory()
    mode = sys.argv[1]
    if mode == "make":
        make(int(sys.argv[2]), int(sys.argv[3]))
    else:
        read = {"genops": genops, "inert": inert, "plain": plain, "members": members}[mode]
        for line in sys.stdin:
            write(read(base64.b64decode(line)))

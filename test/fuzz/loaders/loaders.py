"""The real loaders beside the scanner: what torch, NumPy, joblib, safetensors, zipfile, tarfile and pickle do with a file.

Standard input: the length of a file as 4 bytes, little-endian, and its bytes, one file after the other. Standard output:
one line of JSON first, with the versions and with files that the libraries write, and one for each file.

No name of a file is ever imported: only those of KNOWN are looked up, in modules that are loaded already. Every other one
is recorded, and an inert class stands for it. Each file is read in a child process, which may crash, with limits of
memory and of processor time; what was loaded is accessed there as well.
"""
import base64
import bz2
import collections
import gzip
import io
import json
import lzma
import mmap
import os
import pickle
import re
import resource
import signal
import struct
import sys
import tarfile
import tempfile
import types
import warnings
import zipfile

HEADROOM = 256 << 20
CPU_SECONDS = 8
WAIT_SECONDS = 120
# A child is replaced after so many files, so that what one leaves behind does not reach far.
FILES_PER_CHILD = 500
RESTART = 3
MAX_EVENTS = 50
MAX_OBJECTS = 500
MAX_TENSORS = 12
MAX_ELEMENTS = 100_000
MAX_MEMBERS = 20
MAX_MEMBER = 1 << 20

# --- names --------------------------------------------------------------------------------------------------------


class Recorder:
    """What the current loader did on behalf of the file."""

    def __init__(self):
        self.events = []
        self.loader = ""

    def add(self, what, name):
        event = [self.loader, what, name]
        if len(self.events) < MAX_EVENTS and event not in self.events:
            self.events.append(event)


RECORDER = Recorder()


class Inert:
    """What an inert call answers; it takes whatever an unpickler does to objects."""

    def __init__(self, name="?"):
        self.__dict__["_name"] = name

    def __call__(self, *args, **kwargs):
        RECORDER.add("call-result", self.__dict__["_name"])
        return Inert(self.__dict__["_name"] + "()")

    def __setitem__(self, key, value):
        pass

    def append(self, item):
        pass

    def extend(self, items):
        pass

    def add(self, item):
        pass

    def __setstate__(self, state):
        pass


class InertType(type):
    def __call__(cls, *args, **kwargs):
        RECORDER.add("call", cls.note)
        return Inert(cls.note)

    def __setattr__(cls, key, value):
        RECORDER.add("set-attribute", cls.note)


def inert_class(name):
    def new(cls, *args, **kwargs):
        RECORDER.add("call", name)
        return Inert(name)

    return InertType("Inert", (), {"note": name, "__new__": new})


def encode(text, encoding="utf-8", errors="strict"):
    """`_codecs.encode`, which looks for a module by the name of an encoding."""
    if str(encoding).lower().replace("-", "").replace("_", "") not in ("latin1", "utf8", "ascii"):
        RECORDER.add("call", "_codecs.encode of %s" % encoding)
        return b""
    return text.encode(encoding, errors)


def known_names():
    known = {("_codecs", "encode"): encode}
    for name in "OrderedDict defaultdict Counter deque".split():
        known["collections", name] = getattr(collections, name)
    import builtins

    for name in (
        "set frozenset list tuple dict bytearray bytes complex slice range int float bool str object Ellipsis NotImplemented"
    ).split():
        known["builtins", name] = known["__builtin__", name] = getattr(builtins, name)
    for old, name in (("unicode", "str"), ("long", "int"), ("xrange", "range")):
        known["__builtin__", old] = known["builtins", old] = getattr(builtins, name)
    add_numpy(known)
    add_torch(known)
    if "joblib" in sys.modules:
        wrapper = sys.modules["joblib"].numpy_pickle.NumpyArrayWrapper
        known["joblib.numpy_pickle", "NumpyArrayWrapper"] = wrapper
    return known


def add_numpy(known):
    core = getattr(numpy, "_core", None) or numpy.core
    for module in ("numpy.core", "numpy._core"):
        known[module + ".multiarray", "_reconstruct"] = core.multiarray._reconstruct
        known[module + ".multiarray", "scalar"] = core.multiarray.scalar
        known[module + ".numeric", "_frombuffer"] = core.numeric._frombuffer
    for name in ("ndarray", "dtype"):
        known["numpy", name] = getattr(numpy, name)
    known["numpy.ma.core", "_mareconstruct"] = numpy.ma.core._mareconstruct
    known["numpy.ma.core", "MaskedArray"] = known["numpy.ma", "MaskedArray"] = numpy.ma.MaskedArray
    for name, value in vars(getattr(numpy, "dtypes", types.SimpleNamespace())).items():
        if name.endswith("DType"):
            known["numpy.dtypes", name] = value


def add_torch(known):
    for module in (torch._utils, torch._tensor):
        for name, value in vars(module).items():
            if name.startswith("_rebuild"):
                known[module.__name__, name] = value
    kinds = (torch.dtype, torch.layout, torch.memory_format, torch.qscheme)
    for name, value in vars(torch).items():
        if isinstance(value, kinds) or (name.endswith("Storage") and isinstance(value, type)):
            known["torch", name] = value
    for name in "Size device Tensor".split():
        known["torch", name] = getattr(torch, name)
    known["torch.nn.parameter", "Parameter"] = torch.nn.Parameter
    known["torch.nn.modules.container", "ParameterDict"] = torch.nn.ParameterDict
    known["torch.serialization", "_get_layout"] = torch.serialization._get_layout
    for name in "UntypedStorage TypedStorage _UntypedStorage _TypedStorage".split():
        if hasattr(torch.storage, name):
            known["torch.storage", name] = getattr(torch.storage, name)


# What stands in headers of JSON, and in the name of no module that anybody has.
NO_MODULE = re.compile(r"[\s{}\[\]\":\0]|^\.|^$")


def find_known(module, name):
    if NO_MODULE.search(module):
        raise ModuleNotFoundError(module)
    known = KNOWN.get((module, name))
    if known is not None:
        return known
    if module == "torch._utils" and name not in vars(torch._utils):
        # A name that this version has not.
        raise AttributeError(name)
    full = "%s.%s" % (module, name)
    # Old tar archives of torch say the class of each tensor, and nobody calls it.
    if module != "torch" or not name.endswith("Tensor"):
        RECORDER.add("import", full)
    return inert_class(full)


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        return find_known(module, name)


class TextUnpickler(pickle.Unpickler):
    """A text may begin with 'c' and have two lines; no module is found by a name with blanks in it."""

    def find_class(self, module, name):
        if not all(part.isidentifier() for part in module.split(".")):
            raise ModuleNotFoundError(module)
        return find_known(module, name)


def inert_pickle_module():
    module = types.ModuleType("inert_pickle")
    for name in "PickleError PicklingError UnpicklingError Pickler dump dumps HIGHEST_PROTOCOL".split():
        setattr(module, name, getattr(pickle, name))
    module.Unpickler = Unpickler
    module.load = lambda file, **options: Unpickler(file, **options).load()
    module.loads = lambda data, **options: Unpickler(io.BytesIO(data), **options).load()
    return module


# --- loaders ------------------------------------------------------------------------------------------------------

MOST_MEMORY = re.compile(r"can.t allocate memory|not enough memory|failed to allocate|bad_alloc|std::length_error", re.I)


def is_about_memory(problem):
    return isinstance(problem, MemoryError) or MOST_MEMORY.search(str(problem)) is not None


def attempt(loader, load):
    """One loader on the file, and what it made of it accessed."""
    RECORDER.loader = loader
    set_stage(loader)
    try:
        result = load()
    except (Exception, MemoryError, RecursionError) as problem:
        if is_about_memory(problem):
            RECORDER.add("memory", "load")
        return False
    set_stage(loader + " access")
    access(result)
    return loader != "members" or len(result) > 0


def load_torch(file, data):
    return torch.load(file, map_location="cpu", pickle_module=INERT, weights_only=False)


def load_torch_old(file, data):
    return torch.load(file, map_location="cpu", pickle_module=INERT)


def load_weights(file, data):
    return torch.load(file, map_location="cpu", weights_only=True)


def load_pickle(file, data):
    return Unpickler(file, encoding="latin1").load()


def load_numpy(file, data):
    loaded = numpy.load(file, allow_pickle=True)
    if not hasattr(loaded, "files"):
        return loaded
    found = []
    for name in loaded.files[:MAX_MEMBERS]:
        try:
            found.append(loaded[name])
        except (Exception, MemoryError) as problem:
            if is_about_memory(problem):
                RECORDER.add("memory", "load")
    return found


def load_joblib(file, data):
    return joblib.load(file)


def path_of(file):
    return "/proc/self/fd/%d" % file.fileno()


def load_torch_mapped(file, data):
    return torch.load(path_of(file), map_location="cpu", pickle_module=INERT, weights_only=False, mmap=True)


def load_numpy_mapped(file, data):
    return numpy.load(path_of(file), mmap_mode="r", allow_pickle=True)


def load_joblib_mapped(file, data):
    return joblib.load(path_of(file), mmap_mode="r")


def load_safetensors(file, data):
    return safetensors.torch.load(data)


def load_compressed(file, data):
    for open_as in (gzip.GzipFile, bz2.BZ2File, lzma.LZMAFile):
        try:
            text = open_as(io.BytesIO(data)).read(MAX_MEMBER)
        except Exception:
            continue
        return Unpickler(io.BytesIO(text), encoding="latin1").load()
    raise ValueError("not compressed")


def members_of(data):
    def from_zip():
        archive = zipfile.ZipFile(io.BytesIO(data))
        # What stands at `data/0` are the numbers of torch.save, which nobody reads as a pickle.
        names = [name for name in archive.namelist() if not re.search(r"(^|/)data/\d+$", name)]
        for name in names[:MAX_MEMBERS]:
            yield name, archive.open(name).read(MAX_MEMBER)

    def from_tar():
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:*")
        for member in archive.getmembers()[:MAX_MEMBERS]:
            if member.isfile():
                yield member.name, archive.extractfile(member).read(MAX_MEMBER)

    if b"PK\5\6" in data:
        yield from_zip
    yield from_tar


def load_members(file, data, depth=0):
    found = []
    for read in members_of(data):
        members = []
        try:
            members.extend(read())
        except (Exception, MemoryError):
            pass
        for name, member in members:
            # torch alone has outside objects; a length that no machine can address is refused at once.
            if name.endswith("data.pkl") or (member[:1] in (b"\x8d", b"\x8e", b"\x95", b"\x96") and any(member[7:9])):
                continue
            try:
                found.append(TextUnpickler(io.BytesIO(member), encoding="latin1").load())
            except (Exception, MemoryError, RecursionError) as problem:
                if is_about_memory(problem):
                    RECORDER.add("memory", "load")
            if depth < 2:
                found.extend(load_members(None, member, depth + 1))
    return found


def loaders():
    everything = {"torch": load_torch if IS_NEW_TORCH else load_torch_old, "torch weights_only": load_weights}
    everything.update({"pickle": load_pickle, "numpy": load_numpy})
    everything["numpy mmap"] = load_numpy_mapped
    if IS_NEW_TORCH:
        everything["torch mmap"] = load_torch_mapped
    if joblib is not None:
        everything["joblib"] = load_joblib
        everything["joblib mmap"] = load_joblib_mapped
    if safetensors is not None:
        everything["safetensors"] = load_safetensors
    everything.update({"compressed": load_compressed, "members": load_members})
    return everything


# Loaders that refuse every other file at once, or read it as another loader does.
ONLY_WITH = {
    "torch mmap": re.compile(rb"PK\x03\x04"),
    "numpy mmap": re.compile(rb"^\x93NUMPY|PK\x03\x04"),
    "joblib mmap": re.compile(rb"NumpyArrayWrapper|^[^\x80]"),
}


# --- access -------------------------------------------------------------------------------------------------------


def quietly(act, *args):
    try:
        return act(*args)
    except (Exception, MemoryError, RecursionError) as problem:
        if is_about_memory(problem):
            RECORDER.add("memory", "access")
    return None


def access(root):
    """Touches everything that was loaded as a program would: elements, sums, copies and texts."""
    seen = set()
    waiting = [root]
    count = 0
    keep = []
    tensors = 0
    while waiting and count < MAX_OBJECTS:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, Inert):
            continue
        seen.add(id(value))
        keep.append(value)
        count += 1
        quietly(find_shadows, value, waiting)
        if isinstance(value, torch.Tensor):
            tensors += 1
            if tensors <= MAX_TENSORS:
                access_tensor(value)
        elif isinstance(value, (numpy.ndarray, numpy.generic)):
            access_array(value, waiting)
        elif isinstance(value, numpy.dtype):
            for act in (repr, hash, lambda dtype: dtype.itemsize, lambda dtype: numpy.zeros(2, dtype).tolist()):
                quietly(act, value) if value.itemsize < MAX_ELEMENTS else None
        elif isinstance(value, (torch.storage.TypedStorage if hasattr(torch.storage, "TypedStorage") else ())):
            quietly(access_storage, value)
        elif isinstance(value, dict):
            waiting.extend(dict.keys(value))
            waiting.extend(dict.values(value))
        elif isinstance(value, (list, tuple, set, frozenset, collections.deque)):
            waiting.extend(list(value)[:MAX_OBJECTS])
        elif isinstance(value, (str, bytes, bytearray, int, float, complex, slice, range)):
            quietly(hash, value)
        elif hasattr(type(value), "nbytes") and "Storage" in type(value).__name__:
            quietly(access_storage, value)


def find_shadows(value, waiting):
    """An attribute of the object in the place of a method of its class: what calls the method calls what the file says."""
    own = getattr(value, "__dict__", None)
    if isinstance(value, type) or not isinstance(own, dict):
        return
    for key, inner in list(own.items())[:MAX_OBJECTS]:
        waiting.append(inner)
        method = getattr(type(value), key, None) if isinstance(key, str) else None
        if callable(method) and not isinstance(method, type):
            RECORDER.add("shadow", "%s.%s" % (type(value).__name__, key))


def access_storage(storage):
    size = len(storage)
    if size > 0:
        for at in {0, size // 2, size - 1}:
            storage[at]
    if size <= 8:
        storage.tolist()


def corners(shape):
    yield tuple(0 for _ in shape)
    yield tuple(size - 1 for size in shape)
    yield tuple(size // 2 for size in shape)


def access_tensor(value):
    plain = torch.Tensor
    if type(value) not in (plain, torch.nn.Parameter):
        value = quietly(lambda: value.as_subclass(plain))
        if value is None:
            return
    value = quietly(lambda: value.detach())
    if value is None or value.device.type == "meta":
        return
    quietly(repr, value) if quietly(value.numel) is not None and value.numel() < 10**6 else None
    if value.is_quantized:
        quietly(lambda: value.dequantize().sum())
        quietly(lambda: value.int_repr().sum())
    if value.layout != torch.strided or getattr(value, "is_nested", False):
        access_odd_tensor(value)
        return
    size = value.numel()
    if size == 0:
        return
    for corner in corners(value.shape):
        quietly(lambda: value[corner].item())
    if size <= MAX_ELEMENTS:
        for act in (
            lambda: value.sum(),
            lambda: value.contiguous().sum(),
            lambda: value.numpy().sum(),
            lambda: value.clone(),
            lambda: value.tolist(),
        ):
            quietly(act)
        if not value.is_quantized:
            quietly(lambda: access_storage(value.storage()))


def access_odd_tensor(value):
    size = value.numel() if not getattr(value, "is_nested", False) else 0
    for act in (
        lambda: value.coalesce(),
        lambda: value.to_dense().sum() if size <= 10**6 else None,
        lambda: value.sum(),
        lambda: value.unbind(),
        lambda: value.to_padded_tensor(0.0) if size == 0 else None,
        lambda: [inner.sum() for inner in value.unbind()] if size == 0 else None,
        lambda: value.to_sparse_csr(),
        lambda: value @ torch.zeros(value.shape[-1]) if value.dim() == 2 and size <= 10**6 else None,
        lambda: value.clone(),
    ):
        quietly(act)


def access_array(value, waiting):
    quietly(lambda: repr(value.dtype))
    size = value.size
    if size == 0 or value.dtype.itemsize > MAX_ELEMENTS:
        return
    if value.shape != ():
        for corner in corners(value.shape):
            quietly(lambda: waiting.append(value[corner]))
    if size * max(1, value.dtype.itemsize) > 10**7 or size > MAX_ELEMENTS:
        return
    for act in (
        lambda: waiting.append(value.tolist()),
        lambda: value.sum(),
        lambda: value.copy(),
        lambda: str(value),
        lambda: value.astype(object),
        lambda: value.tobytes(),
        lambda: value == value,
        lambda: [waiting.append(value[name]) for name in (value.dtype.names or ())[:20]],
    ):
        quietly(act)


# --- what a file may have changed ---------------------------------------------------------------------------------


def snapshot():
    state = {}
    for name, value in KNOWN.items():
        if isinstance(value, types.FunctionType):
            state[name] = (value.__code__, value.__defaults__, value.__kwdefaults__, dict(value.__dict__))
        elif isinstance(value, type) and value.__flags__ & (1 << 9):
            # Only classes that are made by Python code take new attributes.
            state[name] = dict(vars(value))
    return state


# What Python itself notes about a class as it is used.
OWN_NOTES = {"__abstractmethods__", "_abc_impl", "__doc__", "__annotations__"}


def changed_names(before):
    changed = []
    for name, now in snapshot().items():
        old = before.get(name)
        if now == old:
            continue
        if isinstance(now, dict):
            if now.keys() - OWN_NOTES != old.keys() - OWN_NOTES or any(
                old.get(key) is not value for key, value in now.items() if key not in OWN_NOTES
            ):
                changed.append(".".join(name))
        elif now[:3] != old[:3] or now[3] != old[3]:
            changed.append(".".join(name))
    return changed


# --- files that the libraries write -------------------------------------------------------------------------------


def seeds():
    """What users save: each kind of tensor and of array, in each layout of a file."""
    numbers = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    objects = {
        "state": collections.OrderedDict(a=numbers, b=numbers.t(), c=numbers[1:, 1:], d=torch.tensor(1.5)),
        "types": [torch.zeros(3, dtype=kind) for kind in (torch.float16, torch.bfloat16, torch.bool, torch.int64)],
        "parameter": torch.nn.Parameter(numbers),
        "sparse": torch.sparse_coo_tensor([[0, 1], [2, 0]], [3.0, 4.0], (3, 3)),
        "csr": torch.sparse_csr_tensor([0, 1, 2], [1, 0], [1.0, 2.0], size=(2, 2)),
        "quantised": torch.quantize_per_tensor(numbers, 0.1, 10, torch.quint8),
        "channels": torch.quantize_per_channel(numbers, torch.ones(3), torch.zeros(3), 0, torch.qint8),
        "size": [numbers.shape, torch.float32, torch.device("cpu")],
        "numpy": {"a": numpy.arange(6.0), "b": numpy.float32(2), "step": 3},
    }
    if IS_NEW_TORCH:
        objects["nested"] = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
        objects["float8"] = numbers.to(torch.float8_e4m3fn)
        objects["meta"] = torch.ones(3, device="meta")
    made = []

    def write_with(save, *args, **options):
        stream = io.BytesIO()
        try:
            save(*args, stream, **options)
        except Exception:
            return
        made.append(stream.getvalue())

    for value in objects.values():
        write_with(torch.save, value)
        write_with(torch.save, value, _use_new_zipfile_serialization=False)
    record = numpy.array([(1, 2.0, b"x")], dtype=[("a", "i4"), ("b", "f8", (2,)), ("c", "S3")])
    arrays = [numpy.arange(6).reshape(2, 3), record, numpy.array(["a", "bc"]), numpy.array([None, 1], dtype=object)]
    arrays += [numpy.datetime64("2020-01-01"), numpy.ma.array([1, 2], mask=[0, 1]), numpy.asfortranarray(numpy.eye(2))]
    arrays += [numpy.zeros((2, 2), "V4"), numpy.float64(3), record["b"], numpy.dtype([("a", "O"), ("b", "f4")])]
    for array in arrays:
        for protocol in (0, 2, 4, 5):
            made.append(pickle.dumps({"x": array}, protocol))
        write_with(lambda value, stream: numpy.save(stream, value), array)
        if joblib is not None:
            write_with(joblib.dump, {"x": array})
            write_with(joblib.dump, [array], compress=("zlib", 3))
    write_with(lambda stream: numpy.savez(stream, a=arrays[0], b=arrays[3]))
    write_with(lambda stream: numpy.savez_compressed(stream, a=arrays[0]))
    if safetensors is not None:
        made.append(safetensors.torch.save({"a": numbers.contiguous(), "b": torch.ones(2)}))
    return made


# --- processes ----------------------------------------------------------------------------------------------------


def read_exactly(count):
    parts = []
    while count > 0:
        part = os.read(0, count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write(answer):
    line = (json.dumps(answer, separators=(",", ":")) + "\n").encode()
    while line:
        line = line[os.write(ANSWERS, line) :]


def set_stage(stage):
    STAGE[:64] = stage.encode().ljust(64, b"\0")


def get_stage():
    return bytes(STAGE[:64]).rstrip(b"\0").decode()


def virtual_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def limit():
    # A broken object makes libraries complain at length.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = virtual_bytes() + HEADROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for name in (signal.SIGVTALRM, signal.SIGALRM, signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGBUS):
        signal.signal(name, signal.SIG_DFL)


def read_file(file, data):
    RECORDER.events = []
    os.lseek(file.fileno(), 0, 0)
    os.ftruncate(file.fileno(), 0)
    os.write(file.fileno(), data)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WAIT_SECONDS)
    loaded = []
    for loader, load in LOADERS.items():
        if loader in ONLY_WITH and not ONLY_WITH[loader].search(data):
            continue
        with os.fdopen(os.dup(file.fileno()), "rb") as opened:
            opened.seek(0)
            if attempt(loader, lambda: load(opened, data)):
                loaded.append(loader)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return {"loaded": loaded, "events": RECORDER.events}


def child(before):
    limit()
    fd = os.memfd_create("model")
    file = os.fdopen(fd, "r+b", buffering=0)
    for _ in range(FILES_PER_CHILD):
        set_stage("")
        head = read_exactly(4)
        if head is None:
            return 0
        data = read_exactly(struct.unpack("<I", head)[0])
        set_stage("start")
        answer = read_file(file, data)
        changed = changed_names(before)
        for name in changed:
            answer["events"].append(["", "set-attribute", name])
        write(answer)
        if changed:
            break
    return RESTART


def serve():
    files = seeds()
    with os.fdopen(os.memfd_create("model"), "r+b", buffering=0) as file:
        # Libraries load parts of themselves, and change their classes, on first use.
        for data in files:
            read_file(file, data)
    before = snapshot()
    versions = {"python": sys.version.split()[0], "torch": torch.__version__, "numpy": numpy.__version__}
    for name in ("joblib", "safetensors"):
        if name in sys.modules:
            versions[name] = sys.modules[name].__version__
    write({"versions": versions, "seeds": [base64.b64encode(data).decode() for data in files]})
    while True:
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = child(before)
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            return
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == RESTART:
            continue
        stage = get_stage()
        if stage == "":
            raise RuntimeError("A child ended between two files: %d" % status)
        end = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "exit %d" % os.WEXITSTATUS(status)
        write({"loaded": [], "events": [[stage, "end", end]]})


if __name__ == "__main__":
    # What a file makes a loader print, on whatever level, is no answer.
    ANSWERS = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    warnings.simplefilter("ignore")
    import numpy
    import torch

    try:
        import joblib
        import joblib.numpy_pickle
    except ImportError:
        joblib = None
    try:
        import safetensors
        import safetensors.torch
    except ImportError:
        safetensors = None
    torch.set_num_threads(1)
    numpy.seterr(all="ignore")
    IS_NEW_TORCH = int(torch.__version__.split(".")[0]) >= 2
    if IS_NEW_TORCH:
        # torch loads its compiler when tensors without data are first compared, which takes more than a file may.
        torch.eq(torch.empty(1, device="meta"), 1)
    INERT = inert_pickle_module()
    for place in ("_npyio_impl", "_format_impl", "npyio", "format"):
        module = getattr(numpy.lib, place, None)
        if hasattr(module, "pickle"):
            module.pickle = INERT
    if joblib is not None:
        joblib.numpy_pickle.NumpyUnpickler.find_class = lambda self, module, name: find_known(module, name)
    KNOWN = known_names()
    STAGE = mmap.mmap(-1, 64)
    LOADERS = loaders()
    with tempfile.TemporaryDirectory(prefix="weighhouse-loaders-") as folder:
        tempfile.tempdir = folder
        os.chdir(folder)
        serve()

"""Files as people save them, written by the real libraries: none runs anything, so none may be called dangerous.

`FOLDER [PART…]` writes the files (those with a part in their name) and prints one JSON line each: its name, whether it has
to be `clean` or may be `suspicious` because it holds classes of programs, and why it could not be written, for example
where a library is not installed.
`--goldens FILE FOLDER` keeps the small ones of such a folder, whose lines are read from standard input, for tests that run
without Python.
"""

import argparse
import base64
import collections
import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import gzip
import io
import json
import os
import pathlib
import pickle
import random
import sys
import types
import uuid
import warnings

# Modules of this folder have names of Python's own.
sys.path[:] = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]
warnings.filterwarnings("ignore")
os.environ.update(HF_HUB_OFFLINE="1", YOLO_OFFLINE="true", YOLO_VERBOSE="false", TOKENIZERS_PARALLELISM="false")

CASES = []
PROTOCOLS = range(6)


def case(must, name=None, each=(None,)):
    """Registers a maker. `each`: it is called once for each of these, which stand in the file's name."""
    def register(make):
        for item in each:
            CASES.append((must, (name or make.__name__) + ("" if item is None else f"-{item}"), make, item))
        return make
    return register


def dump(value, path, protocol=None):
    with open(path, "wb") as file:
        pickle.dump(value, file, protocol=protocol)


def pickled(must, name, make, protocols=(2, 4, 5)):
    for protocol in protocols:
        CASES.append((must, f"{name}-p{protocol}.pkl", lambda path, p: dump(make(), path, p), protocol))


def saved(must, name, make, **options):
    def write(path, _):
        import torch
        torch.save(make(), path, **options)
    CASES.append((must, f"{name}.pt", write, None))


def net():
    import torch
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Flatten(),
                               torch.nn.Linear(4, 2))


def trained(kind, **options):
    import torch
    model = net()
    optimizer = getattr(torch.optim, kind)(model.parameters(), lr=0.01, **options)
    model(torch.randn(2, 3, 3, 3)).sum().backward()
    optimizer.step()
    return optimizer


# --- state dicts -----------------------------------------------------------------------------------------------------

DTYPES = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64",
          "complex128", "uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
          "float8_e5m2fnuz", "float8_e8m0fnu", "complex32"]


def every_dtype():
    import torch
    return {name: torch.zeros(4, dtype=torch.uint8).repeat(16).view(getattr(torch, name)) for name in DTYPES
            if hasattr(torch, name)}


saved("clean", "state-dict", lambda: net().state_dict())
saved("clean", "state-dict-legacy", lambda: net().state_dict(), _use_new_zipfile_serialization=False)
saved("clean", "state-dict-protocol-4", lambda: net().state_dict(), pickle_protocol=4)
saved("clean", "state-dict-protocol-5", lambda: net().state_dict(), pickle_protocol=5)
saved("clean", "every-dtype", every_dtype)
saved("clean", "parameters", lambda: dict(net().named_parameters()))
saved("clean", "parameter-dict-list", lambda: list(net().parameters()))


def with_torch(function):
    def call():
        import torch
        return function(torch)
    return call


def half_of(kind):
    return with_torch(lambda torch: net().to(getattr(torch, kind)).state_dict())


for kind in ["float16", "bfloat16", "float64"]:
    saved("clean", f"state-dict-{kind}", half_of(kind))

saved("clean", "views", with_torch(lambda t: {"t": t.arange(24.).view(2, 3, 4).permute(2, 0, 1), "s": t.arange(9)[2:5],
                                              "e": t.ones(1).expand(5), "0": t.empty(0), "n": t.tensor(1.)}))
saved("clean", "shared-storage", with_torch(lambda t: (lambda w: {"a": w, "b": w.t(), "c": w[1]})(t.ones(4, 4))))
saved("clean", "size-device-dtype", with_torch(lambda t: {"size": t.Size([1, 2]), "device": t.device("cuda:0"),
                                                          "cpu": t.device("cpu"), "dtype": t.float16}))
saved("clean", "torch-version", with_torch(lambda t: {"version": t.__version__, "state_dict": net().state_dict()}))
saved("clean", "sparse-coo", with_torch(lambda t: {"w": t.eye(3).to_sparse()}))
saved("clean", "sparse-csr", with_torch(lambda t: {"w": t.eye(4).to_sparse_csr()}))
saved("clean", "sparse-csc", with_torch(lambda t: {"w": t.eye(4).to_sparse_csc()}))
saved("clean", "sparse-bsr", with_torch(lambda t: {"w": t.eye(4).to_sparse_bsr((2, 2))}))
saved("clean", "sparse-bsc", with_torch(lambda t: {"w": t.eye(4).to_sparse_bsc((2, 2))}))
saved("suspicious", "nested", with_torch(lambda t: {"n": t.nested.nested_tensor([t.ones(2), t.ones(3)])}))
saved("suspicious", "nested-jagged",
      with_torch(lambda t: {"n": t.nested.nested_tensor([t.ones(2), t.ones(3)], layout=t.jagged)}))
saved("clean", "quantized", with_torch(lambda t: {"q": t.quantize_per_tensor(t.ones(4), 0.1, 0, t.qint8)}))
saved("clean", "quantized-channels", with_torch(lambda t: {
    "q": t.quantize_per_channel(t.ones(2, 2), t.tensor([.1, .2]), t.tensor([0, 0]), 0, t.quint8)}))
saved("clean", "meta-tensor", with_torch(lambda t: {"m": t.empty(3, device="meta")}))
saved("clean", "conjugate", with_torch(lambda t: {"c": t.ones(2, dtype=t.complex64).conj(),
                                                  "n": t.ones(2, dtype=t.complex64).conj().imag}))
saved("clean", "requires-grad", with_torch(lambda t: {"w": t.ones(3, requires_grad=True)}))
saved("clean", "tensor-attribute", with_torch(lambda t: tag(t.ones(3))))
saved("clean", "parameter-attribute", with_torch(lambda t: tag(t.nn.Parameter(t.ones(3)))))
saved("clean", "buffer", with_torch(lambda t: {"b": t.nn.Buffer(t.ones(2))}))
saved("clean", "storage", with_torch(lambda t: {"s": t.ones(3).untyped_storage()}))
saved("clean", "typed-storage", with_torch(lambda t: {"s": t.ones(3).storage()}))
saved("suspicious", "bits-types", with_torch(lambda t: {
    name: t.zeros(16, dtype=t.uint8).view(getattr(t, name)) for name in ["bits8", "bits16", "bits1x8", "bits2x4"]
    if hasattr(t, name)}))
saved("suspicious", "sub-byte-types", with_torch(lambda t: {
    name: getattr(t, name) for name in ["uint1", "uint2", "uint4", "int1", "int4", "int7", "float4_e2m1fn_x2"]
    if hasattr(t, name)}))
saved("suspicious", "module", net)
saved("suspicious", "module-legacy", net, _use_new_zipfile_serialization=False)
saved("suspicious", "generator", with_torch(lambda t: {"g": t.Generator()}))
saved("clean", "rng-states", with_torch(lambda t: {"torch": t.get_rng_state(), "python": random.getstate(),
                                                   "cuda": [t.get_rng_state()]}))
saved("clean", "grad-scaler", with_torch(lambda t: {"scaler": t.amp.GradScaler("cpu").state_dict()}))
saved("suspicious", "grad-scaler-whole", with_torch(lambda t: t.amp.GradScaler("cpu")))
saved("suspicious", "distribution", with_torch(lambda t: t.distributions.Normal(t.zeros(1), t.ones(1))))
saved("suspicious", "functions", with_torch(lambda t: {"loss": t.nn.CrossEntropyLoss(), "act": t.nn.functional.gelu,
                                                   "relu": t.relu}))
saved("suspicious", "dataset", with_torch(lambda t: t.utils.data.TensorDataset(t.ones(3))))
saved("suspicious", "transformer", with_torch(lambda t: t.nn.TransformerEncoderLayer(8, 2, activation="gelu")))
saved("suspicious", "lstm", with_torch(lambda t: t.nn.LSTM(2, 3)))
saved("suspicious", "parametrized", with_torch(lambda t: t.nn.utils.weight_norm(t.nn.Linear(2, 2))))
saved("suspicious", "data-parallel", with_torch(lambda t: t.nn.DataParallel(net())))
saved("suspicious", "swa", with_torch(lambda t: t.optim.swa_utils.AveragedModel(net()).state_dict()))
saved("suspicious", "packed-sequence", with_torch(lambda t: t.nn.utils.rnn.pack_sequence([t.ones(2), t.ones(1)])))
saved("suspicious", "return-types", with_torch(lambda t: t.ones(2, 2).max(0)))


def tag(tensor):
    tensor.note = "made of text"
    return {"w": tensor}


def full_checkpoint():
    import torch
    optimizer = trained("AdamW")
    return {"epoch": 3, "global_step": 100, "model": net().state_dict(), "optimizer": optimizer.state_dict(),
            "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 2).state_dict(), "best": float("inf"),
            "args": {"lr": 1e-3, "name": "run", "betas": (0.9, 0.99)}, "history": collections.defaultdict(list)}


saved("clean", "training-checkpoint", full_checkpoint)
for name, options in [("SGD", {"momentum": 0.9}), ("Adam", {"amsgrad": True}), ("AdamW", {}), ("RMSprop", {}),
                      ("Adagrad", {}), ("NAdam", {}), ("LBFGS", {}), ("Adamax", {})]:
    if name != "LBFGS":
        saved("clean", f"optimizer-state-{name}", lambda n=name, o=options: trained(n, **o).state_dict())
saved("suspicious", "optimizer-whole", lambda: trained("AdamW"))


def scheduler(kind, *args):
    return with_torch(lambda t: getattr(t.optim.lr_scheduler, kind)(trained("SGD"), *args))


for kind, *args in [("StepLR", 2), ("CosineAnnealingLR", 10), ("OneCycleLR", 0.1, 10), ("ReduceLROnPlateau",),
                    ("CosineAnnealingWarmRestarts", 5)]:
    saved("suspicious", f"scheduler-state-{kind}", lambda k=kind, a=args: scheduler(k, *a)().state_dict())
    saved("suspicious", f"scheduler-whole-{kind}", scheduler(kind, *args))
saved("suspicious", "scheduler-lambda", with_torch(lambda t: t.optim.lr_scheduler.LambdaLR(
    trained("SGD"), math_like).state_dict()))


def math_like(_):
    return 1.0


# --- distributed -----------------------------------------------------------------------------------------------------

@case("suspicious", "dcp", each=["metadata", "data.distcp"])
def dcp(path, which):
    import tempfile
    import torch
    import torch.distributed.checkpoint as dcp
    with tempfile.TemporaryDirectory() as folder:
        state = {"model": net().state_dict(), "step": 3, "optimizer": trained("AdamW").state_dict()}
        dcp.save(state, checkpoint_id=folder, no_dist=True)
        name = ".metadata" if which == "metadata" else next(n for n in os.listdir(folder) if n.endswith(".distcp"))
        pathlib.Path(path).write_bytes(pathlib.Path(folder, name).read_bytes())


def with_mesh(make):
    def write(path, _):
        import tempfile
        import torch
        import torch.distributed as dist
        if not dist.is_initialized():
            store = dist.FileStore(tempfile.mktemp(), 1)
            dist.init_process_group("gloo", store=store, rank=0, world_size=1)
        torch.save(make(torch), path)
    return write


def dtensor(torch):
    from torch.distributed.tensor import DeviceMesh, Replicate, Shard, distribute_tensor
    mesh = DeviceMesh("cpu", [0])
    return {"s": distribute_tensor(torch.ones(4), mesh, [Shard(0)]),
            "r": distribute_tensor(torch.ones(4), mesh, [Replicate()])}


CASES.append(("suspicious", "dtensor.pt", with_mesh(dtensor), None))

# --- NumPy -----------------------------------------------------------------------------------------------------------


def with_numpy(function):
    def call():
        import numpy
        return function(numpy)
    return call


pickled("clean", "numpy-contiguous", with_numpy(lambda n: n.arange(12.).reshape(3, 4)), PROTOCOLS)
pickled("clean", "numpy-fortran", with_numpy(lambda n: n.asfortranarray(n.arange(12.).reshape(3, 4))), PROTOCOLS)
pickled("clean", "numpy-strided", with_numpy(lambda n: n.arange(12)[::2]), PROTOCOLS)
pickled("clean", "numpy-empty", with_numpy(lambda n: [n.empty((0, 3)), n.array(1.5)]), PROTOCOLS)
pickled("clean", "numpy-kinds", with_numpy(lambda n: {kind: n.zeros(3, kind) for kind in
        "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16 g G S5 U5 V4 M8[s] m8[ms] >f4 <i2".split()}), PROTOCOLS)
pickled("clean", "numpy-scalars", with_numpy(lambda n: [n.float32(1), n.int64(2), n.bool_(True), n.complex64(1j),
        n.str_("x"), n.bytes_(b"x"), n.float64(3), n.datetime64("2020-01-01"), n.timedelta64(3, "s")]), PROTOCOLS)
pickled("clean", "numpy-structured", with_numpy(lambda n: n.zeros(2, [("a", "i4"), ("b", "f8", (2,)), ("c", "U3")])),
        PROTOCOLS)
pickled("clean", "numpy-objects", with_numpy(lambda n: n.array(["a", None, {"b": 1}], object)), PROTOCOLS)
pickled("clean", "numpy-masked", with_numpy(lambda n: n.ma.array([1., 2., 3.], mask=[0, 1, 0])), PROTOCOLS)
pickled("clean", "numpy-dtypes", with_numpy(lambda n: [n.dtype("f4"), n.dtype("i8"), n.dtype([("a", "f4")]), n.float32]),
        PROTOCOLS)
pickled("suspicious", "numpy-record", with_numpy(lambda n: n.rec.array([(1, 2.)], dtype=[("a", "i4"), ("b", "f8")])))
pickled("suspicious", "numpy-matrix", with_numpy(lambda n: n.matrix([[1, 2]])))
pickled("suspicious", "numpy-generator", with_numpy(lambda n: n.random.default_rng(1)))
pickled("suspicious", "numpy-random-state", with_numpy(lambda n: n.random.RandomState(1)))
pickled("suspicious", "numpy-bit-generators", with_numpy(lambda n: [
    n.random.PCG64(1), n.random.MT19937(1), n.random.Philox(1), n.random.SFC64(1), n.random.PCG64DXSM(1),
    n.random.SeedSequence(3)]))
pickled("clean", "numpy-get-state", with_numpy(lambda n: n.random.get_state()))
pickled("suspicious", "numpy-poly", with_numpy(lambda n: [n.poly1d([1, 2]), n.polynomial.Polynomial([1, 2])]))
pickled("suspicious", "numpy-ufunc", with_numpy(lambda n: [n.add, n.sin, n.mean]))


@case("clean", "numpy", each=["plain.npy", "objects.npy", "arrays.npz", "compressed.npz", "structured.npy"])
def numpy_files(path, kind):
    import numpy
    with open(path, "wb") as file:
        if kind == "plain.npy":
            numpy.save(file, numpy.arange(6.))
        elif kind == "objects.npy":
            numpy.save(file, numpy.array([{"a": 1}, "b"], object), allow_pickle=True)
        elif kind == "structured.npy":
            numpy.save(file, numpy.zeros(2, [("a", "i4"), ("b", "U3")]))
        else:
            (numpy.savez if kind == "arrays.npz" else numpy.savez_compressed)(file, a=numpy.ones(3), b=numpy.eye(2))


# --- Python's own values ---------------------------------------------------------------------------------------------

class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Settings:
    rate: float = 0.1


pickled("clean", "plain", lambda: {"a": [1, 2.5, "x", b"y", None, True, 2**70, 1j], "t": (1, (2,)), "s": {1, 2},
                                   "f": frozenset([1]), "b": bytearray(b"z"), "r": range(3), "l": slice(1, 2)},
        PROTOCOLS)
pickled("clean", "collections", lambda: [collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]),
                                         collections.Counter("aab"), collections.deque([1], 3)], PROTOCOLS)
pickled("suspicious", "dates", lambda: [datetime.datetime(2020, 1, 2, 3, 4), datetime.date(2020, 1, 2),
        datetime.timedelta(3), datetime.timezone.utc, datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
        datetime.time(3)], PROTOCOLS)
pickled("suspicious", "numbers", lambda: [decimal.Decimal("1.5"), fractions.Fraction(1, 3), uuid.uuid4(), 1j], PROTOCOLS)
pickled("suspicious", "paths", lambda: [pathlib.PurePosixPath("/a"), pathlib.Path("b"), pathlib.PureWindowsPath("c")],
        PROTOCOLS)
pickled("suspicious", "namespaces", lambda: [argparse.Namespace(lr=1), types.SimpleNamespace(a=1)])
pickled("suspicious", "own-classes", lambda: [Colour.RED, Settings()])
pickled("suspicious", "chain-map", lambda: [collections.ChainMap({"a": 1}), collections.UserDict(a=1),
                                            collections.UserList([1])])
pickled("suspicious", "random", lambda: [random.Random(3), __import__("string").Template("$a")])
pickled("clean", "errors", lambda: [ValueError("no"), KeyError("a"), UnicodeDecodeError("utf-8", b"a", 0, 1, "x"),
                                    UnicodeEncodeError("utf-8", "a", 0, 1, "x"), OSError(2, "no"), ValueError,
                                    KeyboardInterrupt], PROTOCOLS)
pickled("suspicious", "ip-addresses", lambda: __import__("ipaddress").ip_address("127.0.0.1"))
pickled("suspicious", "signatures", lambda: [__import__("typing").Any, __import__("typing").NamedTuple])
pickled("suspicious", "zone", lambda: __import__("zoneinfo").ZoneInfo("UTC"))
pickled("suspicious", "regex", lambda: __import__("re").compile("a+"))


@case("suspicious", "compressed", each=["gz", "bz2", "xz"])
def compressed(path, kind):
    import bz2
    import lzma
    opener = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}[kind]
    with opener(path, "wb") as file:
        pickle.dump({"a": [1, 2, 3]}, file)


# --- joblib and scikit-learn -----------------------------------------------------------------------------------------

def learned(name):
    import numpy
    from sklearn import cluster, decomposition, ensemble, feature_extraction, gaussian_process, isotonic, linear_model
    from sklearn import mixture, model_selection, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm
    from sklearn import tree
    points = numpy.random.RandomState(0).rand(40, 3)
    labels = (points[:, 0] > 0.5).astype(int)
    makers = {
        "logistic": lambda: linear_model.LogisticRegression(), "linear": lambda: linear_model.LinearRegression(),
        "sgd": lambda: linear_model.SGDClassifier(), "forest": lambda: ensemble.RandomForestClassifier(3),
        "boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=3),
        "histogram": lambda: ensemble.HistGradientBoostingClassifier(max_iter=3),
        "isolation": lambda: ensemble.IsolationForest(n_estimators=3),
        "tree": lambda: tree.DecisionTreeClassifier(), "svc": lambda: svm.SVC(), "knn": lambda: neighbors.KNeighborsClassifier(),
        "bayes": lambda: naive_bayes.GaussianNB(), "kmeans": lambda: cluster.KMeans(2, n_init=1),
        "pca": lambda: decomposition.PCA(2), "mlp": lambda: neural_network.MLPClassifier((3,), max_iter=3),
        "scaler": lambda: preprocessing.StandardScaler(), "mixture": lambda: mixture.GaussianMixture(2),
        "gaussian": lambda: gaussian_process.GaussianProcessRegressor(),
        "pipeline": lambda: pipeline.make_pipeline(preprocessing.MinMaxScaler(), linear_model.Ridge()),
        "grid": lambda: model_selection.GridSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2),
        "function": lambda: preprocessing.FunctionTransformer(numpy.log1p),
        "lof": lambda: neighbors.LocalOutlierFactor(novelty=True),
    }
    if name == "tfidf":
        return feature_extraction.text.TfidfVectorizer().fit(["a bb ccc", "bb dd"])
    if name == "isotonic":
        return isotonic.IsotonicRegression().fit(points[:, 0], points[:, 1])
    if name == "calibrated":
        from sklearn.calibration import CalibratedClassifierCV
        return CalibratedClassifierCV(linear_model.LogisticRegression(), cv=2).fit(points, labels)
    if name == "columns":
        from sklearn.compose import ColumnTransformer
        return ColumnTransformer([("s", preprocessing.StandardScaler(), [0, 1])]).fit(points)
    return makers[name]().fit(points, labels)


SKLEARN = ["logistic", "linear", "sgd", "forest", "boosting", "histogram", "isolation", "tree", "svc", "knn", "bayes",
           "kmeans", "pca", "mlp", "scaler", "mixture", "gaussian", "pipeline", "grid", "function", "lof", "tfidf",
           "isotonic", "calibrated", "columns"]


@case("suspicious", "sklearn", each=[f"{name}.pkl" for name in SKLEARN])
def sklearn_pickles(path, name):
    dump(learned(name[:-4]), path)


@case("suspicious", "sklearn-joblib", each=["forest.joblib", "pipeline.joblib", "kmeans.joblib"])
def sklearn_joblib(path, name):
    import joblib
    joblib.dump(learned(name[:-7]), path)


@case("clean", "joblib", each=["none", "zlib", "gzip", "bz2", "xz", "lzma", "lz4"])
def joblib_files(path, compression):
    import joblib
    import numpy
    value = {"w": numpy.arange(100.), "f": numpy.asfortranarray(numpy.ones((3, 4))), "n": [1, "x"]}
    joblib.dump(value, path, compress=0 if compression == "none" else (compression, 3))


@case("suspicious", "joblib-objects", each=["none", "zlib"])
def joblib_objects(path, compression):
    import joblib
    import numpy
    joblib.dump({"o": numpy.array([1, "a"], object)}, path, compress=0 if compression == "none" else (compression, 3))


# --- SciPy, pandas ---------------------------------------------------------------------------------------------------

def scipy_matrix(kind):
    def make():
        import numpy
        import scipy.sparse
        return getattr(scipy.sparse, f"{kind}_array")(numpy.eye(3)), getattr(scipy.sparse, f"{kind}_matrix")(numpy.eye(3))
    return make


for kind in ["csr", "csc", "coo", "bsr", "dok", "lil", "dia"]:
    pickled("suspicious", f"scipy-{kind}", scipy_matrix(kind))


def scipy_objects():
    import numpy
    import scipy.interpolate
    import scipy.spatial
    import scipy.stats
    return [scipy.stats.norm(0, 1), scipy.spatial.cKDTree(numpy.eye(3)), scipy.spatial.transform.Rotation.identity(),
            scipy.interpolate.interp1d([1, 2], [3, 4])]


pickled("suspicious", "scipy-objects", scipy_objects)
pickled("suspicious", "pandas-frame", lambda: __import__("pandas").DataFrame({"a": [1, 2], "b": ["x", "y"]}))
pickled("suspicious", "pandas-index", lambda: __import__("pandas").Series(
    [1, 2], index=__import__("pandas").date_range("2020", periods=2)))
pickled("suspicious", "pandas-categories", lambda: __import__("pandas").Categorical(["a", "b", "a"]))
pickled("suspicious", "polars-frame", lambda: __import__("polars").DataFrame({"a": [1, 2]}))

# --- Transformers, Diffusers, Lightning, Ultralytics -----------------------------------------------------------------


def bert_config():
    from transformers import BertConfig
    return BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, vocab_size=20,
                      max_position_embeddings=8)


def bert():
    from transformers import BertModel
    return BertModel(bert_config())


def gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel
    return GPT2LMHeadModel(GPT2Config(n_embd=8, n_layer=1, n_head=2, vocab_size=20, n_positions=8))


def t5():
    from transformers import T5Config, T5EncoderModel
    return T5EncoderModel(T5Config(d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2, vocab_size=20))


def clip():
    from transformers import CLIPTextConfig, CLIPTextModel
    return CLIPTextModel(CLIPTextConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
                                        vocab_size=20, max_position_embeddings=8))


def vit():
    from transformers import ViTConfig, ViTModel
    return ViTModel(ViTConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
                              image_size=8, patch_size=4))


def llama():
    from transformers import LlamaConfig, LlamaForCausalLM
    return LlamaForCausalLM(LlamaConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
                                        vocab_size=20, max_position_embeddings=8))


for make in [bert, gpt2, t5, clip, vit, llama]:
    saved("suspicious", f"transformers-{make.__name__}", make)
    saved("clean", f"transformers-{make.__name__}-weights", lambda m=make: m().state_dict())
saved("suspicious", "transformers-config", bert_config)


def training_arguments():
    from transformers import TrainingArguments
    return TrainingArguments(output_dir="out", use_cpu=True, report_to=[])


saved("suspicious", "training_args", training_arguments)
saved("suspicious", "generation-config", lambda: __import__("transformers").GenerationConfig(max_length=3))
saved("suspicious", "batch-encoding", lambda: __import__("transformers").BatchEncoding({"input_ids": [[1, 2]]}))


def tokenizer():
    import tokenizers
    from transformers import PreTrainedTokenizerFast
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "[UNK]": 1}, "[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return [made, PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]")]


pickled("suspicious", "tokenizers", tokenizer)


def unet():
    import diffusers
    return diffusers.UNet2DModel(sample_size=8, in_channels=1, out_channels=1, layers_per_block=1,
                                 block_out_channels=(8,), down_block_types=("DownBlock2D",),
                                 up_block_types=("UpBlock2D",), norm_num_groups=4)


def autoencoder():
    import diffusers
    return diffusers.AutoencoderKL(block_out_channels=(8,), norm_num_groups=4)


saved("suspicious", "diffusers-unet", unet)
saved("clean", "diffusers-unet-weights", lambda: unet().state_dict())
saved("suspicious", "diffusers-vae", autoencoder)
saved("suspicious", "diffusers-scheduler", lambda: __import__("diffusers").DDIMScheduler())
saved("suspicious", "diffusers-euler", lambda: __import__("diffusers").EulerDiscreteScheduler())


@case("suspicious", "lightning", each=["lightning.pytorch", "pytorch_lightning"])
def lightning_checkpoint(path, library):
    import importlib
    import tempfile
    import torch
    pl = importlib.import_module(library)

    class Small(pl.LightningModule):
        def __init__(self, rate=0.1, where=pathlib.Path("data"), when=None):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(2, 1)

        def training_step(self, batch, _):
            return self.layer(batch[0]).sum()

        def configure_optimizers(self):
            optimizer = torch.optim.Adam(self.parameters(), lr=self.hparams.rate)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]

    with tempfile.TemporaryDirectory() as folder:
        checkpoint = importlib.import_module(f"{library}.callbacks").ModelCheckpoint(dirpath=folder)
        trainer = pl.Trainer(max_epochs=1, logger=False, enable_progress_bar=False, enable_model_summary=False,
                             callbacks=[checkpoint], accelerator="cpu", limit_train_batches=1)
        data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(4, 2)), batch_size=2)
        trainer.fit(Small(), data)
        trainer.save_checkpoint(path)


@case("suspicious", "ultralytics", each=["yolo11n.pt", "yolov8n-seg.pt"])
def ultralytics_checkpoint(path, name):
    import torch
    from ultralytics import YOLO
    from ultralytics.utils import DEFAULT_CFG_DICT
    model = YOLO(name[:-3] + ".yaml").model.half()
    torch.save({"epoch": -1, "best_fitness": None, "model": model, "ema": None, "updates": None, "optimizer": None,
                "train_args": dict(DEFAULT_CFG_DICT), "date": datetime.datetime.now().isoformat(), "version": "8"}, path)


@case("suspicious", "torchvision", each=["resnet18"])
def torchvision_model(path, name):
    import torch
    import torchvision
    torch.save(getattr(torchvision.models, name)(num_classes=2), path)


def omegaconf_config():
    import omegaconf
    return omegaconf.OmegaConf.create({"lr": 0.1, "list": [1, {"a": "b"}], "none": None})


saved("suspicious", "omegaconf", omegaconf_config)
saved("suspicious", "torchmetrics", lambda: __import__("torchmetrics").classification.BinaryAccuracy())
saved("suspicious", "accelerate-scheduler", lambda: __import__("accelerate").utils.DistributedDataParallelKwargs())
pickled("suspicious", "attrs-like", lambda: __import__("easydict").EasyDict(a=1))
pickled("suspicious", "pil", lambda: __import__("PIL.Image").Image.new("L", (2, 2)))
pickled("suspicious", "networkx", lambda: __import__("networkx").path_graph(3))
pickled("suspicious", "pydantic", lambda: __import__("pydantic").SecretStr("a"))


@case("clean", "safetensors", each=["torch.safetensors"])
def safetensors_file(path, _):
    from safetensors.torch import save_file
    save_file(net().state_dict(), path)


@case("suspicious", "torchscript", each=["scripted.pt"])
def torchscript(path, _):
    import torch
    torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2)), path)


GOLDEN_BYTES = 2600
GOLDEN_PROTOCOLS = ("-p0", "-p2", "-p5")


def keep_goldens(target, folder):
    kept = []
    for line in map(json.loads, sys.stdin):
        name = line["name"]
        is_protocol = name.endswith(tuple(f"-p{protocol}.pkl" for protocol in PROTOCOLS))
        if line["error"] or is_protocol and not name[:-4].endswith(GOLDEN_PROTOCOLS):
            continue
        content = pathlib.Path(folder, name).read_bytes()
        # Some have the folder in them that a library was installed in.
        if len(content) <= GOLDEN_BYTES and b"site-packages" not in content:
            kept.append({"name": name, "must": line["must"], "bytes": base64.b64encode(content).decode()})
    text = "".join(json.dumps(row) + "\n" for row in sorted(kept, key=lambda row: row["name"]))
    pathlib.Path(target).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main():
    if sys.argv[1] == "--goldens":
        return keep_goldens(*sys.argv[2:4])
    folder = sys.argv[1]
    wanted = sys.argv[2:]
    sys.modules["__main__"] = sys.modules[__name__]
    for must, name, make, item in CASES:
        if wanted and not any(part in name for part in wanted):
            continue
        path = os.path.join(folder, name.replace("/", "-"))
        out, sys.stdout = sys.stdout, sys.stderr
        error = None
        try:
            make(path, item)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"[:300]
        sys.stdout = out
        print(json.dumps({"name": name, "must": must, "error": error}), flush=True)


if __name__ == "__main__":
    main()

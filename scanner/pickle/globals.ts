import type { GlobalClass } from '../report/index.ts';
import { isDangerous } from './denied.ts';
import type { ProofName } from './proof-names.ts';

/** What the policy says about one name. */
export interface GlobalRule {
  class: GlobalClass;
  /** How the arguments must look where it is called; without one, a call of it is never what a tensor file does. */
  proof?: ProofName;
}

/** The names that tensor files use, each with the form in which they use it. Everything else has to be explained. */
const ALLOWED: Readonly<Record<string, ProofName>> = {
  'collections.OrderedDict': 'pairs',
  'collections.defaultdict': 'default-dict',
  'collections.Counter': 'counter',
  'collections.deque': 'deque',
  'builtins.set': 'members',
  'builtins.frozenset': 'members',
  'builtins.list': 'members',
  'builtins.tuple': 'members',
  'builtins.dict': 'pairs',
  'builtins.bytearray': 'bytes',
  'builtins.bytes': 'bytes',
  'builtins.complex': 'number',
  'builtins.slice': 'bounds',
  'builtins.range': 'bounds',
  'builtins.xrange': 'bounds',
  'builtins.int': 'number',
  'builtins.long': 'number',
  'builtins.float': 'number',
  'builtins.bool': 'number',
  'builtins.str': 'text',
  'builtins.unicode': 'text',
  'builtins.object': 'none',
  '_codecs.encode': 'encode',
  'torch._utils._rebuild_tensor': 'tensor',
  'torch._utils._rebuild_tensor_v2': 'tensor',
  'torch._utils._rebuild_tensor_v3': 'tensor',
  'torch._utils._rebuild_parameter': 'parameter',
  'torch._utils._rebuild_parameter_with_state': 'parameter',
  'torch._utils._rebuild_qtensor': 'quantised',
  'torch._utils._rebuild_sparse_tensor': 'sparse',
  'torch._utils._rebuild_sparse_csr_tensor': 'sparse',
  'torch._utils._rebuild_nested_tensor': 'nested',
  'torch._utils._rebuild_meta_tensor_no_storage': 'meta-tensor',
  'torch._utils._rebuild_device_tensor_from_numpy': 'tensor-from-numpy',
  'torch._tensor._rebuild_from_type_v2': 'from-type',
  'torch.serialization._get_layout': 'layout',
  'torch.Size': 'size',
  'torch.device': 'device',
  'torch.Tensor': 'tensor-class',
  'torch.nn.parameter.Parameter': 'parameter',
  'torch.nn.modules.container.ParameterDict': 'none',
  'numpy.core.multiarray.scalar': 'numpy-scalar',
  'numpy.core.multiarray._reconstruct': 'numpy-array',
  'numpy.dtype': 'numpy-dtype',
  'numpy.core.numeric._frombuffer': 'numpy-buffer',
  'numpy.ma.core._mareconstruct': 'numpy-masked',
  'torch.torch_version.TorchVersion': 'plain',
  'joblib.numpy_pickle.NumpyArrayWrapper': 'none',
  'sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper': 'none',
};

/** Names that a tensor file may mention and never calls. */
const REFERENCE_ONLY: ReadonlySet<string> = new Set(
  [
    // The original Stable Diffusion 1.x and 2.x checkpoints have this class as a key of a dictionary.
    'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint',
    'lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint',
    'numpy.ndarray',
    'numpy.ma.MaskedArray',
    'numpy.ma.core.MaskedArray',
    ...['bool', 'bool_', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32']
      .concat(['float64', 'longdouble', 'complex64', 'complex128', 'clongdouble', 'str_', 'bytes_', 'datetime64'])
      .concat(['timedelta64', 'intc', 'uintc', 'longlong', 'ulonglong', 'half', 'single', 'double'])
      .map((name) => `numpy.${name}`),
    'builtins.Ellipsis',
    'builtins.NotImplemented',
    ...['float16', 'float32', 'float64', 'half', 'float', 'double', 'bfloat16', 'complex32', 'complex64', 'complex128'],
    ...['uint8', 'uint16', 'uint32', 'uint64', 'int8', 'int16', 'int32', 'int64', 'short', 'int', 'long', 'bool'],
    ...['float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu', 'float4_e2m1fn_x2'],
    ...[
      'qint8',
      'quint8',
      'qint32',
      'quint4x2',
      'quint2x4',
      'strided',
      'sparse_coo',
      'sparse_csr',
      'sparse_csc',
      'sparse_bsr',
      'sparse_bsc',
    ],
    ...['per_tensor_affine', 'per_channel_affine', 'per_tensor_symmetric', 'per_channel_symmetric'],
    ...['contiguous_format', 'preserve_format', 'channels_last'],
  ].map((name) => (name.includes('.') ? name : `torch.${name}`)),
);

const STORAGE =
  /^torch\.(?:cuda\.)?(?:Float|Half|Long|Int|BFloat16|Double|Byte|Char|Short|Bool|ComplexFloat|ComplexDouble|QInt8|QUInt8|QInt32|QUInt4x2|QUInt2x4|Untyped)Storage$|^torch\.storage\.(?:_?UntypedStorage|_?TypedStorage)$/;

/** Names that are usual somewhere, do no harm in one form, and have no place among weights. */
const KNOWN_WITH_PROOF: Readonly<Record<string, ProofName>> = {
  'builtins.getattr': 'getattr',
  'builtins.type': 'type-of-none',
  'copyreg._reconstructor': 'reconstructor',
  'functools.partial': 'partial',
  'dill._dill._load_type': 'load-type',
  // TorchScript marks its lists with functions that give back what they get (torch/jit/_pickle.py).
  'torch.jit._pickle.build_intlist': 'plain',
  'torch.jit._pickle.build_doublelist': 'plain',
  'torch.jit._pickle.build_boollist': 'plain',
  'torch.jit._pickle.build_tensorlist': 'data',
  'torch.jit._pickle.restore_type_tag': 'data',
  'io.BytesIO': 'plain',
  '_io.BytesIO': 'plain',
};

/** Program objects met in training checkpoints and pickled models: a person must look, but they have a name. */
const KNOWN_CLASS = new RegExp(
  `^(?:${[
    'torch torchvision torchaudio torchmetrics pytorch_lightning lightning lightning_fabric accelerate peft timm',
    'numpy scipy sklearn pandas polars joblib xgboost lightgbm networkx PIL',
    'transformers diffusers tokenizers ultralytics ldm sgm basicsr threestudio omegaconf easydict __main__',
    'datetime enum pathlib numbers typing _pydatetime _datetime',
  ]
    .flatMap((line) => line.split(' '))
    .join('|')})\\.|^models\\.(?:yolo|common)\\.|^(?:_?decimal|_pydecimal)\\.Decimal$|^fractions\\.Fraction$`,
);

/** Values of the standard library, whose modules otherwise have no place in a model file. */
const STDLIB_VALUES: ReadonlySet<string> = new Set([
  ...['argparse.Namespace', 'types.SimpleNamespace', 'uuid.UUID', 'uuid.SafeUUID', 'random.Random', '_random.Random'],
  ...['zoneinfo.ZoneInfo', 'zoneinfo.ZoneInfo._unpickle', 're._compile', 'copyreg.__newobj__'],
  ...['IPv4Address', 'IPv6Address', 'IPv4Network', 'IPv6Network', 'IPv4Interface', 'IPv6Interface'].map(
    (name) => `ipaddress.${name}`,
  ),
  ...['UserDict.UserDict', 'UserDict.IterableUserDict', 'UserList.UserList', 'UserString.UserString'],
  ...['array.array', 'array._array_reconstructor', 'time.struct_time', 'string.Template', 'statistics.NormalDist'],
  ...['count', 'repeat', 'cycle', 'chain', 'islice', 'product', 'permutations', 'combinations'].map(
    (name) => `itertools.${name}`,
  ),
  'logging.getLogger',
]);

/** Python's own exceptions: a training script keeps the last one it met, and a class of them says what it may meet. */
const HARMLESS_BUILTIN = /^builtins\.(?:[A-Z]\w*(?:Error|Exception|Warning)|KeyboardInterrupt|StopIteration)$/;

/** One spelling for what Python 2 and NumPy 2 spell otherwise. */
export function canonicalModule(module: string): string {
  if (module === '__builtin__' || module === 'exceptions') return 'builtins';
  if (module === 'copy_reg') return 'copyreg';
  return module.replace(/^numpy\._core(?=\.|$)/, 'numpy.core');
}

/** A dotted name in the one spelling that the policy uses, whatever Python or NumPy wrote it. */
export function canonicalName(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : `${canonicalModule(name.slice(0, dot))}${name.slice(dot)}`;
}

/** True for the values of the standard library that a program may keep, and methods that make them. */
export function isStandardValue(module: string, name: string): boolean {
  return STDLIB_VALUES.has(`${canonicalModule(module)}.${name}`);
}

/** The policy's word on one imported name. Exact names first; a prefix only ever makes the word stronger. */
export function classifyGlobal(module: string, name: string): GlobalRule {
  const canonical = `${canonicalModule(module)}.${name}`;
  const proof = lookUp(ALLOWED, canonical);
  if (proof !== undefined) return { class: 'allowed', proof };
  if (REFERENCE_ONLY.has(canonical) || STORAGE.test(canonical)) return { class: 'reference-only' };
  if (/^numpy\.dtypes\.[A-Z]\w*DType$/.test(canonical)) return { class: 'allowed', proof: 'numpy-dtype-class' };
  const known = lookUp(KNOWN_WITH_PROOF, canonical);
  if (known !== undefined) return { class: 'known-class', proof: known };
  if (HARMLESS_BUILTIN.test(canonical)) return { class: 'allowed', proof: 'plain' };
  if (STDLIB_VALUES.has(canonical)) return { class: 'known-class' };
  const isKnown = KNOWN_CLASS.test(canonical);
  if (isDangerous(canonicalModule(module), name)) return { class: 'dangerous' };
  return { class: isKnown ? 'known-class' : 'unknown' };
}

/** The classes whose values hold entries, items or members, so that SETITEM, APPEND and ADDITEMS fit them. */
export const CONTAINER_CLASSES: Readonly<Record<string, 'dict' | 'list' | 'set'>> = {
  'collections.OrderedDict': 'dict',
  'collections.defaultdict': 'dict',
  'collections.Counter': 'dict',
  'builtins.dict': 'dict',
  'torch.nn.modules.container.ParameterDict': 'dict',
  'collections.deque': 'list',
  'builtins.list': 'list',
  'builtins.set': 'set',
};

function lookUp(table: Readonly<Record<string, ProofName>>, name: string): ProofName | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

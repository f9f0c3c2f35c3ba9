import type { InertRun } from './python.ts';

/** What tensor files bring in, and may call. Kept apart from the scanner's own list, so that each checks the other. */
const MAY_CALL: ReadonlySet<string> = new Set([
  ...['OrderedDict', 'Counter', 'defaultdict', 'deque'].map((name) => `collections.${name}`),
  ...['set', 'frozenset', 'bytearray', 'bytes', 'complex', 'slice', 'xrange', 'range', 'long', 'int', 'float'].map(
    (name) => `builtins.${name}`,
  ),
  ...['dict', 'list', 'tuple', 'bool', 'object', 'str', 'unicode'].map((name) => `builtins.${name}`),
  '_codecs.encode',
  ...['_rebuild_tensor', '_rebuild_tensor_v2', '_rebuild_tensor_v3', '_rebuild_parameter'].map(torchUtils),
  ...['_rebuild_parameter_with_state', '_rebuild_qtensor', '_rebuild_sparse_tensor'].map(torchUtils),
  ...[
    '_rebuild_sparse_csr_tensor',
    '_rebuild_meta_tensor_no_storage',
    '_rebuild_nested_tensor',
    '_rebuild_device_tensor_from_numpy',
  ].map(torchUtils),
  'torch._tensor._rebuild_from_type_v2',
  'torch.serialization._get_layout',
  'torch.Size',
  'torch.device',
  'torch.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.nn.modules.container.ParameterDict',
  'numpy.core.multiarray.scalar',
  'numpy.core.multiarray._reconstruct',
  'numpy.dtype',
  'numpy.core.numeric._frombuffer',
  'numpy.ma.core._mareconstruct',
  'torch.torch_version.TorchVersion',
  'joblib.numpy_pickle.NumpyArrayWrapper',
]);

/** What they only mention. */
const MAY_NAME =
  /^torch\.(cuda\.)?\w+Storage$|^torch\.storage\._?(Untyped|Typed)Storage$|^torch\.[a-z]+(_?\d|_[a-z])\w*$|^torch\.(half|float|double|short|int|long|bool|strided)$|^(pytorch_lightning|lightning\.pytorch)\.callbacks\.model_checkpoint\.ModelCheckpoint$|^numpy\.(ndarray|ma\.(core\.)?MaskedArray|bool_?|[a-z]+\d+|str_|bytes_|u?int[cp]|u?longlong|c?longdouble|half|single|double)$|^numpy\.dtypes\.\w+DType$|^builtins\.(Ellipsis|NotImplemented)$/;

/** Python's own exceptions, whose constructors keep their arguments. */
const EXCEPTION = /^builtins\.([A-Z]\w*(Error|Exception|Warning)|KeyboardInterrupt|StopIteration)$/;

function torchUtils(name: string): string {
  return `torch._utils.${name}`;
}

function canonical(name: string): string {
  return name.replace(/^(__builtin__|exceptions)\./, 'builtins.').replace(/^numpy\._core\./, 'numpy.core.');
}

/** The first thing that CPython did on behalf of the pickle and that no tensor file asks for. Null where there is none. */
export function findForbidden({ events }: InertRun): string | null {
  for (const [what, written] of events) {
    const name = canonical(written);
    const isAllowed =
      what === 'import'
        ? MAY_CALL.has(name) || MAY_NAME.test(name) || EXCEPTION.test(name)
        : what === 'call'
          ? MAY_CALL.has(name) || EXCEPTION.test(name) || /^numpy\.dtypes\.\w+DType$/.test(name)
          : what === 'persistent'
            ? name === 'storage'
            : false;
    if (!isAllowed) return `${what} ${written}`;
  }
  return null;
}

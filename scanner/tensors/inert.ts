/**
 * The object graph that a pickle describes, rebuilt without running anything. Every global becomes a `Placeholder`: a
 * function that only records what it was called with. Nothing is looked up by name outside the tables here.
 */

/** A tensor's storage as its persistent id names it. */
export class StorageHandle {
  /** Name of the storage class, e.g. `torch.FloatStorage`. */
  readonly className: string;
  readonly key: string;
  /** Elements of the storage class; bytes for `UntypedStorage`. */
  readonly elements: number;
  /** Legacy layout only: this storage is a part of the one stored under `key`, from this element on. */
  readonly viewOffset: number;

  constructor(className: string, key: string, elements: number, viewOffset: number) {
    this.className = className;
    this.key = key;
    this.elements = elements;
    this.viewOffset = viewOffset;
  }

  __setstate__(): void {}
}

/** One for all: an empty set takes several times as much as the tensor that it belongs to. */
const NO_MARKS: ReadonlySet<string> = new Set();

/** How a quantized tensor says that its numbers are meant, as the pickle has it: see `Quantiser`. */
export interface InertQuantiser {
  /** Name of the scheme's object, e.g. `torch.per_tensor_affine`. */
  scheme: string;
  scales: unknown;
  zeroPoints: unknown;
  axis: unknown;
}

/** A tensor that one of torch's rebuild functions made. Numbers are as the pickle gives them, unchecked. */
export class InertTensor {
  readonly storage: unknown;
  readonly offset: unknown;
  readonly size: unknown;
  readonly stride: unknown;
  /** Name of the dtype object of `_rebuild_tensor_v3`, e.g. `torch.float8_e4m3fn`. */
  readonly dtype: string | null;
  /** Marks of the view: signs to be turned, of all numbers (`neg`) or of the imaginary parts (`conj`). */
  readonly marks: ReadonlySet<string>;
  readonly quantiser: InertQuantiser | null;
  /** Why this tensor cannot be written whatever its numbers are. */
  readonly refusal: string | null;

  constructor(fields: {
    storage?: unknown;
    offset?: unknown;
    size?: unknown;
    stride?: unknown;
    dtype?: string | null;
    marks?: ReadonlySet<string>;
    quantiser?: InertQuantiser;
    refusal?: string | null;
  }) {
    this.storage = fields.storage;
    this.offset = fields.offset;
    this.size = fields.size;
    this.stride = fields.stride;
    this.dtype = fields.dtype ?? null;
    this.marks = fields.marks ?? NO_MARKS;
    this.quantiser = fields.quantiser ?? null;
    this.refusal = fields.refusal ?? null;
  }

  /** BUILD on a tensor sets Python attributes, which no format keeps. */
  __setstate__(): void {}
}

/** Any other object: its class, what it was made with, and the state BUILD gave it. */
export class InertObject {
  readonly className: string;
  readonly args: readonly unknown[];
  /** Items that SETITEMS, APPENDS or ADDITEMS put into it: an object may be a dict, list or set. */
  readonly entries = new Map<unknown, unknown>();
  readonly items: unknown[] = [];
  state: unknown = null;

  constructor(className: string, args: readonly unknown[]) {
    this.className = className;
    this.args = args;
  }

  __setstate__(state: unknown): void {
    this.state = state;
  }
  __setnewargs_ex__(): void {}
  set(key: unknown, value: unknown): void {
    this.entries.set(key, value);
  }
  push(...values: unknown[]): void {
    for (const value of values) this.items.push(value);
  }
  add(value: unknown): void {
    this.items.push(value);
  }
}

/** `collections.OrderedDict` and its like: a Map, whose Python attributes (`_metadata` of state dicts) are dropped. */
export class InertDict extends Map<unknown, unknown> {
  __setstate__(): void {}
}

/** What a global of the pickle resolves to: callable and constructible, because REDUCE calls and NEWOBJ constructs. */
export interface Placeholder {
  (...args: unknown[]): object;
  readonly className: string;
}

export function isPlaceholder(value: unknown): value is Placeholder {
  return typeof value === 'function' && 'className' in value;
}

/** Makes the placeholder of one global. */
export function createPlaceholder(module: string, name: string): Placeholder {
  const className = `${RENAMED_MODULES.get(module) ?? module}.${name}`;
  const rebuild = REBUILDERS.get(className);

  function placeholder(...args: unknown[]): object {
    return rebuild?.(args) ?? new InertObject(className, args);
  }
  Object.defineProperties(placeholder, {
    className: { value: className },
    __setstate__: { value: () => undefined },
  });
  // biome-ignore lint/plugin: the compiler does not see what defineProperties adds.
  return placeholder as unknown as Placeholder;
}

/** Python 2 names, and modules that torch and numpy moved. */
const RENAMED_MODULES: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
  ['torch.tensor', 'torch._tensor'],
  ['torch.nn', 'torch.nn.parameter'],
  ['numpy._core.multiarray', 'numpy.core.multiarray'],
]);

type Rebuild = (args: readonly unknown[]) => object | undefined;

const refuse =
  (reason: string): Rebuild =>
  () =>
    new InertTensor({ refusal: reason });

/** First argument where that is a tensor already: the wrappers of parameters. */
const unwrap: Rebuild = ([data]) => (data instanceof InertTensor ? data : undefined);

const rebuildDict: Rebuild = ([pairs]) => {
  const dict = new InertDict();
  const list = pairs instanceof Map ? [...pairs] : Array.isArray(pairs) ? pairs : [];
  for (const pair of list) if (Array.isArray(pair)) dict.set(pair[0], pair[1]);
  return dict;
};

const rebuildStrided: Rebuild = ([storage, offset, size, stride, , , metadata]) =>
  new InertTensor({ storage, offset, size, stride, marks: readMarks(metadata) });

/** `{'conj': True, 'neg': True}` of `torch._utils.get_tensor_metadata`. */
function readMarks(metadata: unknown): ReadonlySet<string> {
  if (!(metadata instanceof Map) || metadata.size === 0) return NO_MARKS;
  const marks = new Set<string>();
  for (const [mark, isSet] of metadata) if (isSet === true) marks.add(String(mark));
  return marks;
}

/** `(per_tensor_affine, scale, zero point)`, or `(per_channel_affine, scales, zero points, axis)`. */
const rebuildQuantised: Rebuild = ([storage, offset, size, stride, parameters]) => {
  const [scheme, scales, zeroPoints, axis] = Array.isArray(parameters) ? (parameters as unknown[]) : [];
  const quantiser = { scheme: isPlaceholder(scheme) ? scheme.className : '', scales, zeroPoints, axis };
  return new InertTensor({ storage, offset, size, stride, quantiser });
};

const SPARSE = 'It is a sparse tensor, which safetensors does not support.';
const NO_BYTES = 'Its data is not in the file in a form that can be copied.';

/** Rebuild functions of `torch/_utils.py` and `torch/_tensor.py`, and the containers that hold state dicts. */
const REBUILDERS: ReadonlyMap<string, Rebuild> = new Map<string, Rebuild>([
  ['collections.OrderedDict', rebuildDict],
  ['builtins.dict', rebuildDict],
  ['torch._utils._rebuild_tensor', rebuildStrided],
  ['torch._utils._rebuild_tensor_v2', rebuildStrided],
  [
    'torch._utils._rebuild_tensor_v3',
    ([storage, offset, size, stride, , , dtype, metadata]) =>
      new InertTensor({
        storage,
        offset,
        size,
        stride,
        marks: readMarks(metadata),
        dtype: isPlaceholder(dtype) ? dtype.className : '',
      }),
  ],
  ['torch._utils._rebuild_parameter', unwrap],
  ['torch._utils._rebuild_parameter_with_state', unwrap],
  ['torch.nn.parameter.Parameter', unwrap],
  ['torch.nn.parameter.Buffer', unwrap],
  [
    'torch._tensor._rebuild_from_type_v2',
    ([rebuild, , args]) => (isPlaceholder(rebuild) && Array.isArray(args) ? rebuild(...args) : undefined),
  ],
  [
    'torch._tensor._rebuild_from_type',
    ([rebuild, , args]) => (isPlaceholder(rebuild) && Array.isArray(args) ? rebuild(...args) : undefined),
  ],
  ['torch._utils._rebuild_qtensor', rebuildQuantised],
  ['torch._utils._rebuild_sparse_tensor', refuse(SPARSE)],
  ['torch._utils._rebuild_sparse_csr_tensor', refuse(SPARSE)],
  ['torch._utils._rebuild_nested_tensor', refuse('It is a nested tensor, which safetensors does not support.')],
  ['torch._utils._rebuild_meta_tensor_no_storage', refuse('It has a shape but no data.')],
  ['torch._utils._rebuild_device_tensor_from_numpy', refuse(NO_BYTES)],
  ['torch._utils._rebuild_xla_tensor', refuse(NO_BYTES)],
  ['torch._utils._rebuild_wrapper_subclass', refuse(NO_BYTES)],
  ['numpy.core.multiarray._reconstruct', refuse('It is a NumPy array, not a torch tensor.')],
]);

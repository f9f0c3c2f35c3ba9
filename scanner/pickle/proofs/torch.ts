import { isUntyped, storageElement, type TorchType, torchType } from '../torch-types.ts';
import { asCount, asCounts, type CallValue, type TensorRecord, type Value } from '../values.ts';
import {
  areEmptyHooks,
  countElements,
  isFlag,
  isHarmlessTree,
  isKnownClass,
  isNumber,
  isTensor,
  isTrusted,
  madeOf,
  tensorOf,
  textOf,
} from './forms.ts';
import { ODD_BUT_USUAL } from './indirect.ts';
import { TENSOR_ATTRIBUTES } from './tensor-attributes.ts';
import { ALARM, type CallContext, isMisuse, type Outcome, type Proven, provenIf, TOO_LARGE } from './types.ts';

const NO_TENSOR = { kind: 'tensor', tensor: null } as const;
const FLOAT_BYTES = 4;

/** `torch._utils._rebuild_tensor(storage, offset, size, stride)`; `_v2` with flag, hooks and marks; `_v3` with a type too. */
export function proveTensor(args: readonly Value[], { callee, at }: CallContext): Outcome {
  const { canonical } = callee;
  if (canonical.endsWith('_v3')) return proveTyped(args, at);
  const tensor = readTensor(args.slice(0, 4), null, at);
  if (tensor === null) return null;
  const [, , , , requiresGrad, hooks, marks, ...rest] = args;
  const isForm = canonical.endsWith('_v2')
    ? args.length >= 6 && isFlag(requiresGrad) && areEmptyHooks(hooks) && areMarks(marks) && rest.length === 0
    : args.length === 4;
  return provenIf(isForm, viewed(tensor));
}

function proveTyped(args: readonly Value[], at: number): Outcome {
  const [, , , , requiresGrad, hooks, type, marks, ...rest] = args;
  const element = elementOf(type);
  const tensor = element === null ? null : readTensor(args.slice(0, 4), element, at);
  const isForm =
    args.length >= 7 && isFlag(requiresGrad) && areEmptyHooks(hooks) && areMarks(marks) && rest.length === 0;
  return tensor === null ? null : provenIf(isForm, viewed(tensor));
}

function viewed(tensor: TensorRecord): Proven {
  return { made: { kind: 'tensor', tensor }, tensors: [tensor] };
}

/** What a rebuild call says of its tensor, or null where the arguments are not those of one. `element` is the type where the storage says none. */
function readTensor(args: readonly Value[], element: TorchType | null, at: number): TensorRecord | null {
  const [storage, offsetValue, shapeValue, strideValue] = args;
  if (storage?.kind !== 'persistent' || storage.storage === null) return null;
  const offset = asCount(offsetValue);
  const shape = asCounts(shapeValue);
  const stride = asCounts(strideValue);
  const type = element ?? storageElement(storage.storage.type);
  if (offset === null || shape === null || stride === null || type === null) return null;
  // One type is the storage's own and cannot be another.
  if (element !== null && !isUntyped(storage.storage.type) && storageElement(storage.storage.type) !== element)
    return null;
  return { storage: storage.storage, type, offset, shape, stride, at };
}

/** `{'conj': True, 'neg': False}` or nothing. */
function areMarks(value: Value | undefined): boolean {
  if (value === undefined || value.kind === 'none') return true;
  if (value.kind !== 'dict') return false;
  return value.items.every((item, index) =>
    index % 2 === 0 ? /^(?:conj|neg)$/.test(textOf(item) ?? '') : item.kind === 'bool',
  );
}

function elementOf(value: Value | undefined): TorchType | null {
  return value?.kind === 'global' ? torchType(value.canonical) : null;
}

function isTorchName(value: Value | undefined, names: RegExp): value is Value & { kind: 'global' } {
  return value?.kind === 'global' && names.test(value.canonical);
}

/** `_rebuild_qtensor(storage, offset, size, stride, (scheme, …), requires_grad, hooks)`. */
export function proveQuantised(args: readonly Value[], { at }: CallContext): Outcome {
  const [, , , , params, requiresGrad, hooks, ...rest] = args;
  const tensor = readTensor(args.slice(0, 4), null, at);
  if (tensor === null || !/^q/.test(tensor.type.name) || params?.kind !== 'tuple' || rest.length > 0) return null;
  if (args.length !== 7 || !isFlag(requiresGrad) || !areEmptyHooks(hooks)) return null;
  const [scheme, ...values] = params.items;
  if (isTorchName(scheme, /^torch\.per_tensor_affine$/)) {
    const [scale, zero, ...more] = values;
    return provenIf(
      isNumber(scale) && zero?.kind === 'int' && asCount(zero) !== null && more.length === 0,
      viewed(tensor),
    );
  }
  if (!isTorchName(scheme, /^torch\.per_channel_affine(?:_float_qparams)?$/)) return null;
  const [scales, zeros, axisValue, ...more] = values;
  const axis = asCount(axisValue);
  const channels = axis === null ? undefined : tensor.shape[axis];
  if (channels === undefined || more.length > 0) return null;
  return provenIf(hasLength(scales, channels) && hasLength(zeros, channels), viewed(tensor));
}

/** A tensor of so many numbers, or a list of them. */
function hasLength(value: Value | undefined, length: number): boolean {
  if (value?.kind === 'list') return value.items.length === length && value.items.every(isNumber);
  const tensor = tensorOf(value);
  return tensor !== null && countElements(tensor.shape) === length;
}

/** `_rebuild_sparse_tensor(layout, parts)`; `_rebuild_sparse_csr_tensor` before it. */
export function proveSparse([layout, parts, ...rest]: readonly Value[], { at }: CallContext): Outcome {
  const name = layoutOf(layout);
  if (parts?.kind !== 'tuple' || rest.length > 0 || name === null) return null;
  if (name === 'sparse_coo') return proveCoordinates(parts.items, at);
  const form = /^sparse_(csr|csc|bsr|bsc)$/.exec(name)?.[1];
  if (form === undefined) return null;
  const [compressedValue, plainValue, valuesValue, sizeValue, ...more] = parts.items;
  const [compressed, plain, values] = [compressedValue, plainValue, valuesValue].map(tensorOf);
  const size = asCounts(sizeValue);
  if (!compressed || !plain || !values || size === null || more.length > 0) return null;
  return {
    made: NO_TENSOR,
    checks: [
      {
        kind: 'compressed',
        compressed,
        plain,
        values,
        size,
        areRows: form.endsWith('sr'),
        areBlocks: form.startsWith('b'),
        at,
      },
    ],
  };
}

/** `torch.serialization._get_layout('torch.sparse_coo')`. */
export function proveLayout([name, ...rest]: readonly Value[]): Outcome {
  return provenIf(LAYOUT.test(textOf(name) ?? '') && rest.length === 0);
}

const LAYOUT = /^torch\.(strided|sparse_(?:coo|csr|csc|bsr|bsc)|jagged|_mkldnn)$/;

/** The name of a layout, itself or made from its name. */
function layoutOf(value: Value | undefined): string | null {
  const isMade = isTrusted(value) && value.callee.canonical === 'torch.serialization._get_layout';
  const name = isMade ? textOf(value.args[0]) : value?.kind === 'global' ? value.canonical : null;
  return LAYOUT.exec(name ?? '')?.[1] ?? null;
}

function proveCoordinates(
  [indicesValue, valuesValue, sizeValue, isCoalesced, ...rest]: readonly Value[],
  at: number,
): Outcome {
  const indices = tensorOf(indicesValue);
  const values = tensorOf(valuesValue);
  const size = asCounts(sizeValue);
  const isMarked = isCoalesced === undefined || isCoalesced.kind === 'none' || isFlag(isCoalesced);
  if (indices === null || values === null || size === null || !isMarked || rest.length > 0) return null;
  return { made: NO_TENSOR, checks: [{ kind: 'coordinates', indices, values, size, at }] };
}

/** `_rebuild_nested_tensor(buffer, sizes, strides, offsets)`. */
export function proveNested(args: readonly Value[], { at }: CallContext): Outcome {
  const [buffer, sizes, strides, offsets, ...rest] = args.map(tensorOf);
  if (!buffer || !sizes || !strides || !offsets || rest.length > 0) return null;
  return { made: NO_TENSOR, checks: [{ kind: 'nested', buffer, sizes, strides, offsets, at }] };
}

/** `_rebuild_meta_tensor_no_storage(dtype, size, stride, requires_grad)`. */
export function proveMeta([type, sizeValue, strideValue, requiresGrad, ...rest]: readonly Value[]): Outcome {
  const size = asCounts(sizeValue);
  const stride = asCounts(strideValue);
  if (elementOf(type) === null || size === null || stride === null || !isFlag(requiresGrad) || rest.length > 0)
    return null;
  const fits = size.length === stride.length && countElements(size) !== null && stride.every((step) => step >= 0);
  return provenIf(fits, { made: NO_TENSOR });
}

/** `_rebuild_device_tensor_from_numpy(array, dtype, device, requires_grad)`. */
export function proveFromNumpy([data, type, device, requiresGrad, ...rest]: readonly Value[]): Outcome {
  const array = madeOf(data, 'array');
  const element = elementOf(type);
  if (array?.type == null || array.type.holdsObjects || array.type.isCompound || element === null) return null;
  if (textOf(device) === null || !isFlag(requiresGrad) || rest.length > 0) return null;
  return { made: NO_TENSOR, allocates: array.elements * element.bytes };
}

/** `_rebuild_parameter(data, requires_grad, hooks)`, `_with_state` with attributes behind it, `Parameter(data, requires_grad)`. */
export function proveParameter(args: readonly Value[], { callee }: CallContext): Outcome {
  const [data, requiresGrad, hooks, state, ...rest] = args;
  if (!isTensor(data) && !(callee.canonical.endsWith('.Parameter') && args.length === 0)) return null;
  if (!(requiresGrad === undefined || isFlag(requiresGrad)) || !areEmptyHooks(hooks) || rest.length > 0) return null;
  if (state !== undefined && !(callee.canonical.endsWith('_with_state') && areAttributes(state))) return null;
  return { made: madeOf(data, 'tensor') ?? NO_TENSOR };
}

/** `torch._tensor._rebuild_from_type_v2(function, class, arguments, state)`. */
export function proveFromType([callee, type, args, state, ...rest]: readonly Value[], { prove }: CallContext): Outcome {
  if (callee?.kind !== 'global' || type?.kind !== 'global' || args?.kind !== 'tuple' || rest.length > 0) return ALARM;
  // Tensors of programs: DTensor, nested tensors with ragged rows.
  if (isKnownClass(callee) && callee.proof === undefined && isKnownClass(type)) return ODD_BUT_USUAL;
  if (!isTorchName(type, /^torch\.(?:Tensor|nn\.parameter\.Parameter)$/)) return ALARM;
  if (!isTorchName(callee, /^torch\._utils\._rebuild_/)) return ALARM;
  const inner = prove(callee, args.items);
  if (isMisuse(inner)) return inner;
  return provenIf(inner.made?.kind === 'tensor' && (state === undefined || areAttributes(state)), inner);
}

/** `torch.Tensor()`, with a list of numbers, or with sizes. */
export function proveTensorClass(args: readonly Value[]): Outcome {
  const [first] = args;
  if (args.length === 1 && (first?.kind === 'list' || first?.kind === 'tuple'))
    return provenIf(first.items.every(isNumber), { made: NO_TENSOR, allocates: FLOAT_BYTES * first.items.length });
  const sizes = args.length > 0 ? asCounts({ kind: 'tuple', items: [...args] }) : [0];
  if (sizes === null) return null;
  const elements = countElements(sizes);
  return elements === null ? TOO_LARGE : { made: NO_TENSOR, allocates: FLOAT_BYTES * elements };
}

/**
 * BUILD on a tensor, by `torch.Tensor.__setstate__`: `(requires_grad, _, hooks)`. Of the older forms, the one that sets
 * a storage gets no trust: it would make another tensor of one that was proven.
 */
export function proveTensorState(_: CallValue, state: Value): Outcome {
  if (state.kind !== 'tuple' || state.items.length !== 3) return null;
  const [requiresGrad, second, hooks] = state.items;
  return provenIf(isFlag(requiresGrad) && (second?.kind === 'none' || isFlag(second)) && areEmptyHooks(hooks));
}

/** Attributes that people give to a tensor: data, and never in place of what a tensor has itself. */
function areAttributes(state: Value): boolean {
  if (state.kind === 'none') return true;
  if (state.kind === 'tuple') return state.items.length === 2 && state.items.every(areAttributes);
  if (state.kind !== 'dict') return false;
  return state.items.every((item, index) => {
    if (index % 2 === 1) return isHarmlessTree(item);
    const name = textOf(item);
    return name !== null && /^[A-Za-z_]\w*$/.test(name) && !/^__/.test(name) && !TENSOR_ATTRIBUTES.has(name);
  });
}

import type { CallValue, GlobalValue, Value } from '../values.ts';
import { areEmptyHooks, isFlag, isHarmlessTree, textOf } from './forms.ts';
import { proveArrayState } from './numpy-array.ts';
import { proveDtypeState } from './numpy-dtype.ts';
import { proveTensorState } from './torch.ts';
import { type Misuse, type Outcome, PROVEN, provenIf } from './types.ts';

/** Says whether this is a state that a model file gives to what a proven call made. */
type StateProof = (target: CallValue, state: Value) => Outcome;

const DTYPE_STATE: StateProof = proveDtypeState;

/** By the name that was called. What is not here takes no state. */
const STATES: readonly (readonly [name: RegExp, prove: StateProof])[] = [
  [/^numpy\.dtype$|^numpy\.dtypes\./, DTYPE_STATE],
  [/^numpy\.core\.multiarray\._reconstruct$|^numpy\.ma\.core\._mareconstruct$/, proveArrayState],
  [
    /^torch\._utils\._rebuild_|^torch\._tensor\._rebuild_|^torch\.(?:Tensor|nn\.parameter\.Parameter)$/,
    proveTensorState,
  ],
  [/^collections\.OrderedDict$/, attributesOf((name, value) => name === '_metadata' && isHarmlessTree(value))],
  [/^torch\.nn\.modules\.container\.ParameterDict$/, attributesOf(isModuleAttribute)],
  [/joblib\.numpy_pickle\.NumpyArrayWrapper$/, attributesOf(isWrapperAttribute)],
];

/** What joblib gives to the object that stands for an array. */
const WRAPPER_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['subclass', 'shape', 'order', 'dtype', 'allow_mmap', 'numpy_array_alignment_bytes'],
]);

/** True for an attribute that joblib gives to a wrapper. */
export function isAttributeOfWrapper(name: string): boolean {
  return WRAPPER_ATTRIBUTES.has(name);
}

/** What a state is to a target that a proven call made. Null where model files set none, or not this one. */
export function proveState(target: CallValue & { callee: GlobalValue }, state: Value): Outcome {
  if (target.sealed) return CHANGED;
  const { canonical } = target.callee;
  const proof = STATES.find(([name]) => name.test(canonical))?.[1];
  return proof === undefined ? null : proof(target, state);
}

/** Something rests on the target already. */
const CHANGED: Misuse = {
  severity: 'dangerous',
  reason: 'The file changes a value after it was used.',
};

/** A dictionary of attributes, of which each is known. */
function attributesOf(isKnown: (name: string, value: Value) => boolean): StateProof {
  return (_, state) => {
    if (state.kind === 'none') return PROVEN;
    if (state.kind !== 'dict') return null;
    return provenIf(
      state.items.every((value, index) => {
        if (index % 2 === 0) return textOf(value) !== null;
        return isKnown(textOf(state.items[index - 1]) ?? '', value);
      }),
    );
  };
}

/** The class of the array may be any: it has a finding of its own where it is not one of NumPy's. */
function isWrapperAttribute(name: string, value: Value): boolean {
  return isAttributeOfWrapper(name) && ((name === 'subclass' && value.kind === 'global') || isHarmlessTree(value));
}

/** Attributes of `torch.nn.Module`: hooks, which are functions, are never in a file of weights. */
function isModuleAttribute(name: string, value: Value): boolean {
  if (/^_(?:\w+_)?hooks(?:_with_kwargs|_always_called)?$/.test(name)) return areEmptyHooks(value);
  if (name === 'training' || name === '_is_full_backward_hook') return value.kind === 'none' || isFlag(value);
  return /^_(?:parameters|buffers|modules|keys|non_persistent_buffers_set)$/.test(name) && isHarmlessTree(value);
}

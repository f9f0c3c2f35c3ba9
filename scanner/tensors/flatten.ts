import { MalformedTensors } from './errors.ts';
import { InertObject, InertTensor, isPlaceholder, StorageHandle } from './inert.ts';
import type { NonTensor, PickleStructure } from './types.ts';

/** A checkpoint's tensors by name, before their numbers are checked. */
export interface FlatCheckpoint {
  tensors: { name: string; tensor: InertTensor }[];
  nonTensors: NonTensor[];
  structure: PickleStructure;
}

/** Keys under which trainers put the state dict, in the order the common loaders look (spandrel `canonicalize.py`). */
const WRAPPERS = [
  'state_dict',
  'module',
  'model_state_dict',
  'params_ema',
  'params-ema',
  'params',
  'model',
  'net',
  'adapter',
];
const EMBEDDING_KEY = 'string_to_param';
/** The name kohya's trainers give the one tensor of an embedding; every loader takes it. */
const EMBEDDING_NAME = 'emb_params';
const COMMON_PREFIXES = ['module.', 'netG.'];

const MAX_DEPTH = 48;
/** Objects visited before giving up: lists that hold each other grow exponentially when walked. */
const MAX_VISITS = 2_000_000;
const MAX_ROOT_KEYS = 4096;
const MAX_NON_TENSORS = 1000;

/** Opens a checkpoint's wrappers and lists what is inside under dotted names. */
export function flattenCheckpoint(root: unknown): FlatCheckpoint {
  const walker = new Walker();
  const outer = Array.isArray(root) && root.length === 1 ? (root[0] as unknown) : root;
  const { inner, wrapper, siblings } = unwrap(outer, walker);

  const found = walker.collect(inner, '');
  const nonTensors = [...found.nonTensors];
  for (const [key, value] of siblings) nonTensors.push({ name: keyText(key), summary: walker.summarise(value) });

  let tensors = found.tensors;
  if (wrapper === EMBEDDING_KEY) {
    const [only] = tensors;
    tensors =
      tensors.length === 1 && only
        ? [{ name: EMBEDDING_NAME, tensor: only.tensor }]
        : tensors.map(({ name, tensor }) => ({ name: `${EMBEDDING_KEY}.${name}`, tensor }));
  }

  return {
    tensors: stripCommonPrefix(tensors),
    nonTensors: nonTensors.slice(0, MAX_NON_TENSORS),
    structure: { rootKeys: listRootKeys(outer), wrapper, scalars: collectScalars(outer) },
  };
}

interface Unwrapped {
  inner: unknown;
  wrapper: string | null;
  siblings: [unknown, unknown][];
}

function unwrap(root: unknown, walker: Walker): Unwrapped {
  const path: string[] = [];
  const siblings: [unknown, unknown][] = [];
  let inner = root;

  while (path.length < 4) {
    const dict = asDict(inner);
    if (dict === null) break;
    const key = findWrapper(dict, walker);
    if (key === null) break;
    for (const entry of dict) if (entry[0] !== key) siblings.push(entry);
    path.push(key);
    inner = dict.get(key);
    if (key === EMBEDDING_KEY) break;
  }
  return { inner, wrapper: path.length > 0 ? path.join('.') : null, siblings };
}

function findWrapper(dict: ReadonlyMap<unknown, unknown>, walker: Walker): string | null {
  const holdsTensors = (key: string) => asDict(dict.get(key)) !== null && walker.hasTensor(dict.get(key));
  if (holdsTensors(EMBEDDING_KEY)) return EMBEDDING_KEY;

  const named = WRAPPERS.find(holdsTensors);
  if (named !== undefined) return named;
  const [only] = dict.keys();
  return dict.size === 1 && typeof only === 'string' && holdsTensors(only) ? only : null;
}

/** The entries of a dict, or of an object that stands for one (`ParameterDict`, whole pickled modules). */
function asDict(value: unknown): ReadonlyMap<unknown, unknown> | null {
  if (value instanceof Map) return value;
  if (!(value instanceof InertObject)) return null;
  if (value.entries.size > 0) return value.entries;
  if (!(value.state instanceof Map)) return null;

  const merged = new Map<unknown, unknown>();
  for (const part of ['_parameters', '_buffers', '_modules']) {
    const entries: unknown = value.state.get(part);
    if (entries instanceof Map) for (const [key, entry] of entries) if (entry !== null) merged.set(key, entry);
  }
  return merged.size > 0 ? merged : null;
}

class Walker {
  #visits = 0;
  readonly #open = new Set<object>();
  readonly #tensorHolders = new Map<object, boolean>();

  collect(value: unknown, path: string): { tensors: FlatCheckpoint['tensors']; nonTensors: NonTensor[] } {
    const tensors: FlatCheckpoint['tensors'] = [];
    const nonTensors: NonTensor[] = [];
    const visit = (node: unknown, name: string, depth: number): void => {
      if (node instanceof InertTensor) {
        this.#count();
        tensors.push({ name: name || 'tensor', tensor: node });
        return;
      }
      const children = childrenOf(node);
      if (children === null || (name !== '' && !this.hasTensor(node))) {
        if (nonTensors.length < MAX_NON_TENSORS) nonTensors.push({ name, summary: this.summarise(node) });
        return;
      }
      if (depth > MAX_DEPTH || this.#open.has(node as object)) {
        throw new MalformedTensors('The checkpoint nests its dictionaries too deeply, or in a loop.');
      }
      this.#open.add(node as object);
      for (const [key, child] of children) {
        const text = keyText(key);
        visit(child, name === '' ? text : `${name}.${text}`, depth + 1);
      }
      this.#open.delete(node as object);
    };
    visit(value, path, 0);
    return { tensors, nonTensors };
  }

  /** Whether a tensor is anywhere inside. Each object is looked into once. */
  hasTensor(value: unknown, depth = 0): boolean {
    if (value instanceof InertTensor) return true;
    const children = childrenOf(value);
    if (children === null) return false;
    const known = this.#tensorHolders.get(value as object);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) throw new MalformedTensors('The checkpoint nests its dictionaries too deeply.');

    this.#tensorHolders.set(value as object, false);
    let holds = false;
    for (const [, child] of children) {
      this.#count();
      if (this.hasTensor(child, depth + 1)) {
        holds = true;
        break;
      }
    }
    this.#tensorHolders.set(value as object, holds);
    return holds;
  }

  summarise(value: unknown): string {
    const tensors = this.hasTensor(value) ? ' with tensors' : '';
    if (value === null || value === undefined) return 'none';
    if (typeof value === 'string') return `string of ${value.length} characters`;
    if (typeof value === 'number') return `${Number.isInteger(value) ? 'int' : 'float'} ${value}`;
    if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
    if (value instanceof Map) return `dict of ${value.size}${tensors}`;
    if (Array.isArray(value)) return `list of ${value.length}${tensors}`;
    if (value instanceof Set) return `set of ${value.size}`;
    if (value instanceof Uint8Array) return `${value.length} bytes`;
    if (value instanceof InertTensor) return 'tensor';
    if (value instanceof StorageHandle) return 'storage';
    if (value instanceof InertObject) return `${value.className} object${tensors}`;
    return isPlaceholder(value) ? `class ${value.className}` : 'object';
  }

  #count(): void {
    this.#visits += 1;
    if (this.#visits > MAX_VISITS) throw new MalformedTensors('The checkpoint contains too many objects.');
  }
}

function childrenOf(value: unknown): Iterable<[unknown, unknown]> | null {
  const dict = asDict(value);
  if (dict !== null) return dict;
  if (!Array.isArray(value)) return null;
  if (value.length > MAX_VISITS) throw new MalformedTensors('The checkpoint contains too many objects.');
  return value.entries();
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean') return String(key);
  if (key instanceof InertObject || isPlaceholder(key)) return `<${key.className}>`;
  return '<object>';
}

function stripCommonPrefix(tensors: FlatCheckpoint['tensors']): FlatCheckpoint['tensors'] {
  const prefix = COMMON_PREFIXES.find(
    (text) => tensors.length > 0 && tensors.every(({ name }) => name.startsWith(text)),
  );
  if (prefix === undefined) return tensors;
  return tensors.map(({ name, tensor }) => ({ name: name.slice(prefix.length), tensor }));
}

function listRootKeys(root: unknown): (string | number)[] {
  const keys: (string | number)[] = [];
  for (const [key, value] of asDict(root) ?? []) {
    keys.push(typeof key === 'number' ? key : keyText(key));
    const nested = asDict(value);
    if (nested !== null && nested.size <= 64)
      for (const [inner] of nested) keys.push(`${keyText(key)}.${keyText(inner)}`);
    if (keys.length > MAX_ROOT_KEYS) return keys.slice(0, MAX_ROOT_KEYS);
  }
  return keys;
}

function collectScalars(root: unknown): Map<string, string | number | boolean> {
  const scalars = new Map<string, string | number | boolean>();
  for (const [key, value] of asDict(root) ?? []) {
    if (scalars.size >= 256) break;
    if (typeof value === 'string') scalars.set(keyText(key), value.slice(0, 256));
    else if (typeof value === 'number' || typeof value === 'boolean') scalars.set(keyText(key), value);
  }
  return scalars;
}

import type { TensorSpec } from './tensor-data.ts';

/** Objects of Python as data, for the pickle writer. Plain text, booleans, null and whole numbers stand for themselves. */
export type PyValue = null | boolean | number | string | PyObject;

export type PyObject =
  | { py: 'float'; value: number }
  | { py: 'bytes'; value: Uint8Array }
  | { py: 'tuple'; items: readonly PyValue[] }
  | { py: 'list'; items: readonly PyValue[] }
  | { py: 'dict'; entries: readonly PyEntry[] }
  | { py: 'global'; module: string; name: string }
  | PyCall
  | { py: 'persistent'; id: PyValue }
  /** A tensor of torch, which stores its numbers next to the pickle. */
  | { py: 'tensor'; tensor: TensorSpec };

export type PyEntry = readonly [key: PyValue, value: PyValue];

/** `callable(*args)`, then what pickle adds to the result: items of a dictionary, a state. */
export interface PyCall {
  py: 'call';
  callable: PyValue;
  args: readonly PyValue[];
  /** `cls.__new__(cls, *args)` in place of the call. */
  asNew?: boolean;
  entries?: readonly PyEntry[];
  state?: PyValue;
}

export const float = (value: number): PyValue => ({ py: 'float', value });
export const bytes = (value: Uint8Array): PyValue => ({ py: 'bytes', value });
export const tuple = (...items: readonly PyValue[]): PyValue => ({ py: 'tuple', items });
export const list = (...items: readonly PyValue[]): PyValue => ({ py: 'list', items });
export const dict = (entries: readonly PyEntry[]): PyValue => ({ py: 'dict', entries });
export const tensorValue = (tensor: TensorSpec): PyValue => ({ py: 'tensor', tensor });
export const persistent = (id: PyValue): PyValue => ({ py: 'persistent', id });

export function call(
  callable: PyValue,
  args: readonly PyValue[],
  more: Pick<PyCall, 'entries' | 'state' | 'asNew'> = {},
): PyValue {
  return { py: 'call', callable, args, ...more };
}

const globals = new Map<string, PyObject>();

/** A module's name. The same name is the same object, so a pickle writes it once. */
export function global(module: string, name: string): PyValue {
  const key = `${module}\n${name}`;
  const known = globals.get(key);
  if (known !== undefined) return known;
  const made: PyObject = { py: 'global', module, name };
  globals.set(key, made);
  return made;
}

export function orderedDict(entries: readonly PyEntry[] = []): PyValue {
  return call(global('collections', 'OrderedDict'), [], { entries });
}

/** A set, as protocol 2 has to write it. */
export function set(...items: readonly PyValue[]): PyValue {
  return call(global('__builtin__', 'set'), [list(...items)]);
}

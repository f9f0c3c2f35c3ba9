import {
  asCount,
  type CallValue,
  type ContainerValue,
  childrenOf,
  type GlobalValue,
  type Made,
  type TensorRecord,
  type Value,
} from '../values.ts';

/** Beyond this many values the word stays the milder one; each name in them has a finding of its own all the same. */
const MAX_CHECKED = 10_000;

/** True where nothing in the value is a program object: only data, allowed names and proven calls. */
export function isHarmlessTree(root: Value): boolean {
  return everyPart(root, isHarmless, harmlessTrees);
}

/** True where everything in it is data or an object of a known program. */
export function isHarmlessOrKnownTree(root: Value): boolean {
  return everyPart(root, isHarmlessOrKnown, knownTrees);
}

/** True where no part of the value is dangerous, made by a call of something that is, or hidden. */
export function isTreeThatRunsNothing(root: Value): boolean {
  return everyPart(root, runsNothing, treesThatRunNothing);
}

/**
 * Containers found good, with how many items they had: a file may hand one list to a thousand calls. What was put into a
 * list inside it since has a finding of its own, like everything that is not good.
 */
type GoodTrees = WeakMap<Value, number>;
const harmlessTrees: GoodTrees = new WeakMap();
const knownTrees: GoodTrees = new WeakMap();
const treesThatRunNothing: GoodTrees = new WeakMap();

function everyPart(root: Value, isGood: (value: Value) => boolean, goodTrees: GoodTrees): boolean {
  const seen = new Set<Value>([root]);
  const opened: ContainerValue[] = [];
  for (const value of seen) {
    if (!isGood(value)) return false;
    if (seen.size > MAX_CHECKED) break;
    const parts = partsNotSeen(value);
    if (goodTrees.get(value) === parts.length) continue;
    if ('items' in value) opened.push(value);
    for (const child of parts) {
      seen.add(child);
      if (seen.size > MAX_CHECKED) break;
    }
  }
  // One that was seen and not opened, because there is too much, has not been looked at.
  for (const value of opened) goodTrees.set(value, value.items.length);
  return true;
}

/**
 * The arguments of a call were looked at when it was made, and what is wrong with them was said then. To look at them
 * again for each call around it would take time that grows with the square of the file.
 */
function partsNotSeen(value: Value): readonly Value[] {
  if (value.kind !== 'call') return childrenOf(value);
  return value.trusted ? (value.added ?? []) : [value.callee, ...(value.added ?? [])];
}

export function isHarmless(value: Value): boolean {
  if (value.kind === 'global') return value.class === 'allowed' || value.class === 'reference-only';
  if (value.kind === 'call') return value.trusted || value.isData;
  if (value.kind === 'persistent') return value.storage !== null;
  return value.kind !== 'opaque';
}

function isHarmlessOrKnown(value: Value): boolean {
  if (value.kind === 'call' && isKnownClass(value.callee)) return true;
  return isHarmless(value) || isKnownClass(value);
}

/** True for a name of a known program. */
export function isKnownClass(value: Value): boolean {
  return value.kind === 'global' && value.class === 'known-class';
}

function runsNothing(value: Value): boolean {
  if (value.kind === 'global') return value.class !== 'dangerous';
  return value.kind !== 'opaque';
}

export function isSequence(value: Value | undefined): value is ContainerValue {
  return value?.kind === 'list' || value?.kind === 'tuple';
}

export function isScalar(value: Value): boolean {
  return ['none', 'bool', 'int', 'float'].includes(value.kind) || byteLength(value) !== null;
}

/** A scalar, or a list of such. */
export function isPlain(value: Value): boolean {
  return isSequence(value) ? value.items.every(isScalar) : isScalar(value);
}

/** `True`, `False`, or the numbers for them that Python before 2.3 writes. */
export function isFlag(value: Value | undefined): boolean {
  if (value?.kind === 'bool') return true;
  const count = asCount(value);
  return count === 0 || count === 1;
}

export function isNumber(value: Value | undefined): boolean {
  return value?.kind === 'float' || (value?.kind === 'int' && value.value !== null);
}

/** Length of what is bytes, or a text that stands for bytes where Python 2 wrote it. Null for all else. */
export function byteLength(value: Value | undefined): number | null {
  if (value?.kind === 'bytes' || value?.kind === 'bytearray') return value.bytes.length;
  if (value?.kind === 'str') return value.length;
  const made = madeOf(value, 'bytes');
  return made === null || (value?.kind === 'call' && value.added !== null) ? null : made.length;
}

/** The text of a whole string, or null. */
export function textOf(value: Value | undefined): string | null {
  return value?.kind === 'str' && !value.cut ? value.text : null;
}

export function isTrusted(value: Value | undefined): value is CallValue & { callee: GlobalValue } {
  return value?.kind === 'call' && value.trusted && value.callee.kind === 'global';
}

/** What a proven call made, where that is of this kind. */
export function madeOf<Kind extends Made['kind']>(
  value: Value | undefined,
  kind: Kind,
): Extract<Made, { kind: Kind }> | null {
  if (!isTrusted(value) || value.made?.kind !== kind) return null;
  return value.made as Extract<Made, { kind: Kind }>;
}

export function isTensor(value: Value | undefined): boolean {
  return madeOf(value, 'tensor') !== null;
}

/** The record of a tensor that is a plain view of its storage. */
export function tensorOf(value: Value | undefined): TensorRecord | null {
  return madeOf(value, 'tensor')?.tensor ?? null;
}

/** None, or an empty dictionary of either kind, which must stay empty. */
export function areEmptyHooks(value: Value | undefined): boolean {
  if (value === undefined || value.kind === 'none') return true;
  const isEmpty =
    value.kind === 'dict'
      ? value.items.length === 0
      : isTrusted(value) &&
        value.callee.canonical === 'collections.OrderedDict' &&
        value.added === null &&
        value.args.every((arg) => childrenOf(arg).length === 0);
  if (isEmpty) seal(value);
  return isEmpty;
}

/** Nothing may change the value from now on. */
export function seal(value: Value): void {
  if (value.kind === 'call' || value.kind === 'dict' || value.kind === 'list' || value.kind === 'set')
    value.sealed = true;
}

/** Product of sizes, or null where one is below zero or the product is beyond counting. */
export function countElements(shape: readonly number[]): number | null {
  const count = shape.reduce((product, size) => product * size, 1);
  return shape.every((size) => size >= 0) && Number.isSafeInteger(count) ? count : null;
}

import { childrenOf, type Value } from './values.ts';

export interface ResultSize {
  /** Values that there would be if nothing were shared; Infinity where a value holds itself more than once. */
  expanded: number;
  /** Values inside values, at the deepest; one more than was asked for where it is deeper. */
  depth: number;
}

interface Frame {
  value: Value;
  children: readonly Value[];
  next: number;
  size: ResultSize;
}

/** A value of so few, a tensor for example, is walked again where it is met again: remembering each would take more than it saves. */
const FEW = 32;
/** Small ones are remembered as long as there are no more than these, so that one and the same is not walked a million times. */
const MAX_RECENT = 1024;

/**
 * How large and deep a result is when every share of it is counted. A few hundred bytes of pickle can stand for ten
 * billion values. Walks with a list of its own, for the values may be nested deeper than any call stack, and looks no
 * deeper than `deepest`: what stands below counts as one value.
 */
export function measureResult(root: Value, deepest: number): ResultSize {
  const done = new Map<Value, ResultSize>();
  const recent = new Map<Value, ResultSize>();
  const frames: Frame[] = [frameOf(root)];
  const open = new Set<Value>([root]);
  for (;;) {
    const frame = frames.at(-1);
    if (frame === undefined) return done.get(root) ?? recent.get(root) ?? { expanded: 1, depth: 1 };
    const child = frame.children[frame.next];
    if (child === undefined) {
      frames.pop();
      open.delete(frame.value);
      if (frame.size.expanded > FEW) done.set(frame.value, frame.size);
      else {
        if (recent.size >= MAX_RECENT) recent.clear();
        recent.set(frame.value, frame.size);
      }
      continue;
    }
    const size = isLeaf(child) ? LEAF : (done.get(child) ?? recent.get(child));
    if (size !== undefined || open.has(child)) {
      frame.size.expanded += size?.expanded ?? 1;
      frame.size.depth = Math.max(frame.size.depth, (size?.depth ?? 0) + 1);
      frame.next += 1;
    } else if (frames.length > deepest) {
      frame.size.expanded += 1;
      frame.size.depth = Math.max(frame.size.depth, 2);
      frame.next += 1;
    } else {
      open.add(child);
      frames.push(frameOf(child));
    }
  }
}

const LEAF: ResultSize = { expanded: 1, depth: 1 };

function frameOf(value: Value): Frame {
  return { value, children: childrenOf(value), next: 0, size: { expanded: 1, depth: 1 } };
}

function isLeaf(value: Value): boolean {
  return !['list', 'tuple', 'set', 'frozenset', 'dict', 'call', 'persistent'].includes(value.kind);
}

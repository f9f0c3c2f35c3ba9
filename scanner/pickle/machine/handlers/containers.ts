import { type CallValue, type ContainerValue, EMPTY_TUPLE, isHashable, type Value } from '../../values.ts';
import { COST } from '../cost.ts';
import type { MachineState } from '../state.ts';
import type { HandlerGroup } from './handler.ts';

export const CONTAINERS = {
  EMPTY_TUPLE: (machine) => machine.push(EMPTY_TUPLE),
  EMPTY_LIST: (machine) => pushContainer(machine, 'list', []),
  EMPTY_DICT: (machine) => pushContainer(machine, 'dict', []),
  EMPTY_SET: (machine) => pushContainer(machine, 'set', []),
  TUPLE: (machine) => pushContainer(machine, 'tuple', machine.popMark()),
  TUPLE1: (machine) => pushContainer(machine, 'tuple', [machine.pop()]),
  TUPLE2: (machine) => pushContainer(machine, 'tuple', machine.popTwo()),
  TUPLE3: (machine) => pushContainer(machine, 'tuple', machine.popThree()),
  LIST: (machine) => pushContainer(machine, 'list', machine.popMark()),
  DICT: (machine) => {
    const items = machine.popMark();
    checkEntries(machine, items);
    pushContainer(machine, 'dict', items);
  },
  FROZENSET: (machine) => {
    const items = machine.popMark();
    checkKeys(machine, items, 1);
    pushContainer(machine, 'frozenset', items);
  },
  APPEND: (machine) => addItems(machine, 'list', [machine.pop()]),
  APPENDS: (machine) => addItems(machine, 'list', machine.popMark()),
  SETITEM: (machine) => addItems(machine, 'dict', machine.popTwo()),
  SETITEMS: (machine) => addItems(machine, 'dict', machine.popMark()),
  ADDITEMS: (machine) => addItems(machine, 'set', machine.popMark()),
} as const satisfies HandlerGroup;

function pushContainer(machine: MachineState, kind: ContainerValue['kind'], items: Value[]): void {
  const grows = items.length === 0 && kind !== 'tuple';
  const item = kind === 'tuple' ? COST.fixed : COST.item;
  machine.charge(grows ? COST.growing : COST.container + item * items.length);
  machine.push({ kind, items });
}

function addItems(machine: MachineState, wanted: 'list' | 'dict' | 'set', items: Value[]): void {
  if (wanted === 'dict') checkEntries(machine, items);
  else if (wanted === 'set') checkKeys(machine, items, 1);
  const target = machine.top();
  machine.charge(COST.item * (items.length + 1));
  machine.judge.addItems(target, wanted, machine.place);
  if (target.kind === wanted) for (const item of items) (target as ContainerValue).items.push(item);
  else if (target.kind === 'call') addToCall(machine, target, items);
}

function addToCall(machine: MachineState, call: CallValue, items: readonly Value[]): void {
  if (items.length === 0) return;
  if (call.added === null) machine.charge(COST.added);
  call.added ??= [];
  for (const item of items) call.added.push(item);
}

/** Keys and values of a dict, alternating. Removes a last key that has no value. */
function checkEntries(machine: MachineState, items: Value[]): void {
  if (items.length % 2 === 1) {
    machine.broken('a dictionary has a key without a value');
    items.pop();
  }
  checkKeys(machine, items, 2);
}

/** Every `step`th item must be hashable. */
function checkKeys(machine: MachineState, items: readonly Value[], step: 1 | 2): void {
  const areHashable = items.every((key, index) => index % step !== 0 || isHashable(key));
  if (!areHashable) machine.broken('a list or dictionary is used as a key');
}

import { expect, test } from 'vitest';
import { OPCODES } from '#scanner/pickle/index.ts';
import { HANDLER_GROUPS, HANDLERS } from '#scanner/pickle/machine/handlers/index.ts';

// The types say that no opcode lacks a handler; in two groups, the later one would silently win.
test('every opcode has its handler in one group', () => {
  const names = HANDLER_GROUPS.flatMap((group) => Object.keys(group)).sort();
  expect(names).toEqual([...OPCODES.values()].map(({ name }) => name).sort());
  expect(Object.keys(HANDLERS).sort()).toEqual(names);
});

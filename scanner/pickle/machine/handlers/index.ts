import type { OpcodeName } from '../../opcodes.ts';
import { CALLS } from './calls.ts';
import { CONTAINERS } from './containers.ts';
import { EXTENSIONS } from './extensions.ts';
import { FRAMING } from './framing.ts';
import type { Handler } from './handler.ts';
import { MEMO } from './memo.ts';
import { NUMBERS } from './numbers.ts';
import { OUT_OF_BAND } from './out-of-band.ts';
import { STACK } from './stack.ts';
import { STRINGS } from './strings.ts';

export const HANDLER_GROUPS = [
  STACK,
  NUMBERS,
  STRINGS,
  CONTAINERS,
  MEMO,
  CALLS,
  EXTENSIONS,
  OUT_OF_BAND,
  FRAMING,
] as const;

/** What each opcode does. An opcode without a handler does not compile. */
export const HANDLERS: Readonly<Record<OpcodeName, Handler>> = {
  ...STACK,
  ...NUMBERS,
  ...STRINGS,
  ...CONTAINERS,
  ...MEMO,
  ...CALLS,
  ...EXTENSIONS,
  ...OUT_OF_BAND,
  ...FRAMING,
};

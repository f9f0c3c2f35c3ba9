import pino from 'pino';
import { config } from './config.ts';

let root: pino.Logger | undefined;

/** The process's log: JSON lines on standard output. `part` names who speaks. */
export function log(part: string): pino.Logger {
  root ??= pino({ level: config().logLevel, base: null, redact: ['password', 'token', '*.password', '*.token'] });
  return root.child({ part });
}

import { writeFully } from '#lib/process/index.ts';
import { isSystemError } from '#scanner/errors.ts';
import { EXIT_FAILED } from './exit-codes.ts';

const STDOUT = 1;

/** Ends the process after its only output. Whoever reads it may have seen enough and closed the pipe: see main.ts. */
export function printAndExit(text: string, code: number): never {
  try {
    writeFully(STDOUT, text);
  } catch (error) {
    if (isSystemError(error, 'EPIPE') || isSystemError(error, 'EIO')) process.exit(EXIT_FAILED);
    throw error;
  }
  process.exit(code);
}

import { CommanderError } from 'commander';
import { isSystemError } from '#scanner/errors.ts';
import { AppError } from '../errors.ts';
import { EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { explain } from './list-files.ts';
import { createProgram } from './program.ts';
import { plain } from './terminal-text.ts';

/** Carries out what the arguments ask for, and sets the exit status of the process where that fails. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  try {
    await (await createProgram(argv)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says what went wrong in one line, without a stack where it is nobody's fault. Returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof AppError) console.error(`weighhouse: ${error.message}`);
  else if (isSystemError(error))
    console.error(`weighhouse: ${error.path ? `${plain(error.path)}: ` : ''}${explain(error)}`);
  else console.error(error);
  return EXIT_FAILED;
}

import { CommanderError } from 'commander';
import { isSystemError } from '#scanner/errors.ts';
import { AppError } from '../errors.ts';
import { EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { plain } from './format-option.ts';
import { explain } from './list-files.ts';
import { createProgram } from './program.ts';

// A reader that has seen enough (`weighhouse scan … | head`) closes the pipe, and a terminal can be closed. Nothing needs
// to be said then, but the exit status must not say that all files were looked at and are clean.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(EXIT_FAILED);
  throw error;
});
// A terminal that was closed takes no more bars and messages; the signal that comes with it ends the command.
process.stderr.on('error', () => {});

try {
  const argv = process.argv.slice(2);
  await (await createProgram(argv)).parseAsync(argv, { from: 'user' });
} catch (error) {
  process.exitCode = report(error);
}
// What was written to a pipe may still be on its way on some systems, and `exit` would drop it.
process.stdout.write('', () => process.exit());

/** Says what went wrong in one line, without a stack where it is nobody's fault. Returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof AppError) console.error(`weighhouse: ${error.message}`);
  else if (isSystemError(error))
    console.error(`weighhouse: ${error.path ? `${plain(error.path)}: ` : ''}${explain(error)}`);
  else console.error(error);
  return EXIT_FAILED;
}

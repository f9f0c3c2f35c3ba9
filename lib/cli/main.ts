import { VERSION } from '../version.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { VERSION_OPTIONS } from './version-options.ts';

// A reader that has seen enough (`weighhouse scan … | head`) closes the pipe, and a terminal can be closed. Nothing needs
// to be said then, but the exit status must not say that all files were looked at and are clean.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(EXIT_FAILED);
  throw error;
});
// A terminal that was closed takes no more bars and messages; the signal that comes with it ends the command.
process.stderr.on('error', () => {});

const argv = process.argv.slice(2);
const [only = ''] = argv;
// Asked for by other programs, and not worth loading what reads arguments.
if (argv.length === 1 && VERSION_OPTIONS.includes(only)) console.log(VERSION);
else await (await import('./run-command.ts')).runCommand(argv);
// What was written to a pipe may still be on its way on some systems, and `exit` would drop it.
process.stdout.write('', () => process.exit());

import { Command } from 'commander';
import { VERSION } from '../version.ts';

/** Each command with what makes it; loaded when wanted, because those that open the database take a second to load. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  scan: async () => (await import('./scan-command.ts')).scanCommand(),
  identify: async () => (await import('./identify-command.ts')).identifyCommand(),
  inspect: async () => (await import('./inspect-command.ts')).inspectCommand(),
  convert: async () => (await import('./convert-command.ts')).convertCommand(),
  merge: async () => (await import('./merge-command.ts')).mergeCommand(),
  render: async () => (await import('./render-command.ts')).renderCommand(),
  doctor: async () => (await import('./doctor-command.ts')).doctorCommand(),
  hash: async () => (await import('./hash-command.ts')).hashCommand(),
  upload: async () => (await import('./upload-command.ts')).uploadCommand(),
  token: async () => (await import('./token-command.ts')).tokenCommand(),
  user: async () => (await import('./user-command.ts')).userCommand(),
  web: async () => (await import('./web-command.ts')).webCommand(),
  worker: async () => (await import('./worker-command.ts')).workerCommand(),
};

const VERSION_OPTIONS = ['--version', '-V'];

/**
 * The command line for the arguments `argv` (without the program's own name). `parseAsync` throws CommanderError on
 * wrong usage, after it has said what is wrong.
 */
export async function makeProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('weighhouse')
    .description('Scans, identifies, converts and catalogs Stable Diffusion model files.')
    .version(VERSION)
    .addHelpText('after', '\n  weighhouse scan model.ckpt\n  weighhouse convert model.ckpt model.safetensors');
  const first = argv[0] ?? '';
  const named = COMMANDS[first];
  const all = VERSION_OPTIONS.includes(first) ? [] : Object.values(COMMANDS);
  const wanted = named === undefined ? all : [named];
  for (const load of wanted) program.addCommand(await load());
  throwInsteadOfExit(program);
  return program;
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride().showHelpAfterError(`(${pathOf(command)} --help says more)`);
  for (const child of command.commands) throwInsteadOfExit(child);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

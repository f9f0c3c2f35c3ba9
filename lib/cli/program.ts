import { Command, Help } from 'commander';
import { VERSION } from '../version.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import { VERSION_OPTIONS } from './version-options.ts';

/**
 * The command line for the arguments `argv` (without the program's own name): the command that they name, or else all
 * of them by name and description alone, for help and for words that are no command. `parseAsync` throws CommanderError
 * on wrong usage, after it has said what is wrong.
 */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('weighhouse')
    .description('Scan, identify, convert and catalog Stable Diffusion model files.')
    .version(VERSION, VERSION_OPTIONS.join(', '))
    .addHelpText('after', '\n  weighhouse scan model.ckpt\n  weighhouse convert model.ckpt model.safetensors');
  const named = commandIn(argv);
  if (named !== null) program.addCommand(await loadCommand(named));
  else listCommands(program);
  throwInsteadOfExit(program);
  return program;
}

/** The command itself, described as in the list. */
export async function loadCommand(name: CommandName): Promise<Command> {
  const { description, load } = COMMANDS[name];
  return (await load()).description(description);
}

/** The first word that is no option, or the one behind `help`. */
function commandIn(argv: readonly string[]): CommandName | null {
  const [first = '', second = ''] = argv.filter((word) => !word.startsWith('-'));
  const name = first === 'help' ? second : first;
  return Object.hasOwn(COMMANDS, name) ? (name as CommandName) : null;
}

function listCommands(program: Command): void {
  const usages = new Map<Command, string>();
  for (const [name, { description, usage }] of Object.entries(COMMANDS)) {
    const command = new Command(name).description(description);
    usages.set(command, `${name} ${usage}`.trim());
    program.addCommand(command);
  }
  const own = new Help();
  program.configureHelp({ subcommandTerm: (command) => usages.get(command) ?? own.subcommandTerm(command) });
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride().showHelpAfterError(`(run ${pathOf(command)} --help for help)`);
  for (const child of command.commands) throwInsteadOfExit(child);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

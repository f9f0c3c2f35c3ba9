import { expect, it } from 'vitest';
import { COMMANDS, type CommandName } from '#lib/cli/commands.ts';
import { createProgram, loadCommand } from '#lib/cli/program.ts';

const NAMES = Object.keys(COMMANDS) as CommandName[];

it.each([
  [['scan', 'a.ckpt'], ['scan']],
  [['hash'], ['hash']],
  [['--', 'hash', 'a.ckpt'], ['hash']],
  [['help', 'scan'], ['scan']],
])('%j loads the commands %j and nothing of the database', async (argv, names) => {
  expect((await createProgram(argv)).commands.map((command) => command.name())).toEqual(names);
});

it.each([[['--help']], [['help']], [['constructor']], [[]]])('%j lists every command and loads none', async (argv) => {
  const { commands } = await createProgram(argv);
  expect(commands.map((command) => command.name())).toEqual(NAMES);
  expect(commands.flatMap(({ options, commands: within }) => [...options, ...within])).toEqual([]);
});

it('lists each command as the command describes itself', async () => {
  const listed = await createProgram([]);
  const real = await createProgram([]);
  const help = real.createHelp();
  for (const name of NAMES) {
    const command = await loadCommand(name);
    expect(`${name} ${COMMANDS[name].usage}`.trim()).toBe(help.subcommandTerm(command));
    expect(listed.helpInformation()).toContain(`\n  ${help.subcommandTerm(command)} `);
    expect(command.description()).toBe(COMMANDS[name].description);
  }
});

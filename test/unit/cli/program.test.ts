import { expect, it } from 'vitest';
import { makeProgram } from '#lib/cli/program.ts';

it.each([
  [['--version'], []],
  [['-V'], []],
  [['scan', 'a.ckpt'], ['scan']],
  [['hash'], ['hash']],
])('%j loads the commands %j and nothing of the database', async (argv, names) => {
  expect((await makeProgram(argv)).commands.map((command) => command.name())).toEqual(names);
});

it('loads every command for the help, in the order in which a newcomer needs them', async () => {
  const names = (await makeProgram(['--help'])).commands.map((command) => command.name());
  expect(names).toEqual([
    'scan',
    'identify',
    'inspect',
    'convert',
    'merge',
    'render',
    'doctor',
    'hash',
    'upload',
    'token',
    'user',
    'web',
    'worker',
  ]);
});

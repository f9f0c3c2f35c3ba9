import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('npm start says at once what it does not know, and where settings go', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs', '--port', '4100'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([
    64,
    'There is no option --port. Settings are environment variables, as in: PORT=8080 npm start\n',
  ]);
});

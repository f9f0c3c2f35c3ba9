import { expect, it } from 'vitest';
import { VICTIMS } from '../support/chaos/cluster.ts';
import { runChaos } from '../support/chaos/run.ts';

/** `npm run soak` does the same with 200 kills. */
it.skipIf(process.platform !== 'linux')(
  'loses nothing while each of its processes is killed under uploads and downloads',
  async () => {
    const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
    console.log(`CHAOS_SEED=${seed}`);
    const result = await runChaos({ seed, kills: VICTIMS.length, pause: 1000, rest: 2000 });
    expect(result.broken, result.output.slice(-20_000)).toEqual([]);
    expect(result.uploads).toBeGreaterThan(0);
  },
);

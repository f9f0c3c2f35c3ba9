// `npm run soak`: kills a running service's processes under load and checks that nothing was lost (test/support/chaos).
import { parseArgs } from 'node:util';
import { formatBytes } from '#lib/format-bytes.ts';
import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { runChaos } from '../support/chaos/run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: 'Infinity' },
    pause: { type: 'string', default: '2000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    'npm run soak -- [--kills N] [--seed S] [--pause MS] [--minutes M]    exits with 1 where anything is lost',
  );
  process.exit(0);
}

await ensureBuilt();
ensureBundle();
const seed = Number(values.seed);
const started = performance.now();
console.log(`Seed ${seed}: --seed ${seed} kills in the same order.`);
const result = await runChaos({
  seed,
  kills: Number(values.kills),
  pause: Number(values.pause),
  rest: 0,
  minutes: Number(values.minutes),
  report: console.log,
});
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
const kills = Object.entries(result.kills).map(([victim, count]) => `${victim} ${count}`);
console.log(`
kills                  ${kills.join(', ')}
uploads acknowledged   ${result.uploads} (${formatBytes(result.bytes)})
downloads compared     ${result.downloads}
requests interrupted   ${result.interrupted}
files tried again      ${result.retried}
minutes                ${minutes}
broken promises        ${result.broken.length}`);
for (const broken of result.broken) console.log(`  ${broken}`);
process.exit(result.broken.length === 0 ? 0 : 1);

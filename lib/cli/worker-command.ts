import { Command, InvalidArgumentError } from 'commander';
import { JOB_KINDS, type JobKind } from '../queue/index.ts';
import { runWorkerAlone } from '../service/index.ts';

const KINDS = Object.keys(JOB_KINDS) as JobKind[];

export function workerCommand(): Command {
  return new Command('worker')
    .option('--kinds <list>', `kinds of jobs to run: ${KINDS.join(', ')}`, parseKinds, KINDS)
    .addHelpText(
      'after',
      '\n  DATABASE_URL=postgresql://… weighhouse worker --kinds ingest' +
        '\n  DATABASE_URL=… WEIGHHOUSE_STORE_URL=https://… WEIGHHOUSE_STORE_TOKEN=wh_… weighhouse worker --kinds preview',
    )
    .action(({ kinds }: { kinds: JobKind[] }) => runWorkerAlone(kinds));
}

function parseKinds(text: string): JobKind[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  if (kinds.some((kind) => !KINDS.includes(kind as JobKind)))
    throw new InvalidArgumentError(`Valid kinds: ${KINDS.join(', ')}.`);
  return kinds as JobKind[];
}

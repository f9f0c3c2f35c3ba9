import { openParentChannel } from '#lib/process/index.ts';
import type { Provider } from '../types.ts';
import { chooseDevice, type ProviderState, probeProviders } from './choose-provider.ts';
import { Engine } from './engine.ts';
import { explainFailure } from './failures.ts';
import { lowerPriority } from './lower-priority.ts';
import type { EngineAnswer, EngineCommand } from './messages.ts';

/**
 * The engine's process: one command at a time, until its parent is gone. The native library may end it at any time, and
 * takes nothing else with it.
 */
// The native library is loaded. Whoever may write files must load no other.
process.permission?.drop('addon');

const engine = new Engine();
let stop = new AbortController();
/** What was found out about the providers, for as long as this process lives. */
let known: readonly ProviderState[] | null = null;

const parent = openParentChannel<EngineCommand, EngineAnswer>(
  (command) => {
    if (command.kind === 'cancel') stop.abort();
    else void work(command);
  },
  () => process.exit(),
);

async function work(command: Exclude<EngineCommand, { kind: 'cancel' }>): Promise<void> {
  stop = new AbortController();
  const { options } = command;
  const skipped = new Map<Provider, string>(command.skipped);
  const onTry = (provider: Provider) => parent.send({ kind: 'trying', provider });
  const { threads } = options;
  try {
    if (command.kind === 'probe') {
      known = await probeProviders({ threads, skipped, onTry });
      parent.send({ kind: 'states', states: known });
      return;
    }
    await engine.use(
      options,
      skipped,
      async () => await chooseDevice(options.provider, { threads, skipped, onTry, known }),
    );
    // A graphics card is not shared with the checks of uploads, and its driver must not wait for them.
    if (options.isBackground === true && engine.provider === 'cpu') lowerPriority();
    parent.send({ kind: 'chosen', provider: engine.provider });
    const report = await engine.render(command.request, {
      frugal: command.frugal,
      memoryLimit: options.memoryLimit,
      onEvent: (event) => parent.send({ kind: 'event', event }),
      signal: stop.signal,
    });
    parent.send({ kind: 'done', report });
  } catch (error) {
    const { code, message, cause } = explainFailure(error);
    if (cause instanceof Error) process.stderr.write(`${cause.stack ?? cause.message}\n`);
    parent.send({ kind: 'failed', code, message });
  }
}

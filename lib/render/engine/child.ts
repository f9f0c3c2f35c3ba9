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
const engine = new Engine();
let stop = new AbortController();
/** What was found out about the providers, for as long as this process lives. */
let known: readonly ProviderState[] | null = null;

process.on('message', (command: EngineCommand) => {
  if (command.kind === 'cancel') stop.abort();
  else void work(command);
});
process.on('disconnect', () => process.exit());

async function work(command: Exclude<EngineCommand, { kind: 'cancel' }>): Promise<void> {
  stop = new AbortController();
  const { options } = command;
  const skipped = new Map<Provider, string>(command.skipped);
  const onTry = (provider: Provider) => answer({ kind: 'trying', provider });
  const { threads } = options;
  try {
    if (command.kind === 'probe') {
      known = await probeProviders({ threads, skipped, onTry });
      answer({ kind: 'states', states: known });
      return;
    }
    await engine.use(
      options,
      skipped,
      async () => await chooseDevice(options.provider, { threads, skipped, onTry, known }),
    );
    // A graphics card is not shared with the checks of uploads, and its driver must not wait for them.
    if (options.isBackground === true && engine.provider === 'cpu') lowerPriority();
    answer({ kind: 'chosen', provider: engine.provider });
    const report = await engine.render(command.request, {
      frugal: command.frugal,
      memoryLimit: options.memoryLimit,
      onEvent: (event) => answer({ kind: 'event', event }),
      signal: stop.signal,
    });
    answer({ kind: 'done', report });
  } catch (error) {
    const { code, message, cause } = explainFailure(error);
    if (cause instanceof Error) process.stderr.write(`${cause.stack ?? cause.message}\n`);
    answer({ kind: 'failed', code, message });
  }
}

function answer(message: EngineAnswer): void {
  // The parent may be gone; this process then ends by itself.
  process.send?.(message, undefined, undefined, () => {});
}

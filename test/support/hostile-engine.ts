import { openParentChannel } from '#lib/process/index.ts';
import type { EngineAnswer, EngineCommand } from '#lib/render/engine/messages.ts';
import type { RenderReport } from '#lib/render/index.ts';

/**
 * In place of the engine's process: does what a native library or a driver may do to it, as `HOSTILE_ENGINE` says. Draws
 * nothing; a request that gets through is answered with what it was asked for, in the notes.
 */
const answer = (message: EngineAnswer) => parent.send(message);

const parent = openParentChannel<EngineCommand, EngineAnswer>(
  (command) => {
    if (command.kind === 'cancel') return;
    const skipped = new Set(command.skipped.map(([provider]) => provider));
    const provider = skipped.has('webgpu') ? 'cpu' : 'webgpu';
    const isFrugal = command.kind === 'render' && command.frugal;
    switch (process.env.HOSTILE_ENGINE) {
      case 'driver-kills':
        answer({ kind: 'trying', provider });
        if (provider === 'webgpu') return void setTimeout(() => process.abort(), 50);
        break;
      case 'device-lost':
        answer({ kind: 'chosen', provider });
        if (provider === 'webgpu')
          return answer({ kind: 'failed', code: 'device_lost', message: 'The GPU went away.' });
        break;
      case 'always-dies':
        answer({ kind: 'chosen', provider: 'cpu' });
        return void setTimeout(() => process.exit(7), 50);
      case 'hangs':
        answer({ kind: 'chosen', provider: 'cpu' });
        answer({ kind: 'event', event: { kind: 'loading', part: 'unet' } });
        return void setInterval(() => {}, 1000);
      case 'out-of-memory':
        answer({ kind: 'chosen', provider: 'cpu' });
        if (!isFrugal) return answer({ kind: 'failed', code: 'out_of_memory', message: 'Too little memory.' });
        break;
      case 'takes-memory': {
        answer({ kind: 'chosen', provider: 'cpu' });
        if (isFrugal) break;
        const taken = Buffer.alloc(600 * 1024 * 1024, 1);
        return void setInterval(() => taken.at(0), 1000);
      }
    }
    const report: RenderReport = {
      engine: 'hostile',
      provider,
      device: 'none',
      rejected: [],
      precision: 'fp32',
      loadSeconds: 0,
      secondsPerStep: 0,
      peakMemory: 0,
      notes: [],
    };
    if (command.kind === 'render') answer({ kind: 'done', report });
    else answer({ kind: 'states', states: [{ provider, reason: null, precision: 'fp32', speed: 1 }] });
  },
  () => process.exit(),
);

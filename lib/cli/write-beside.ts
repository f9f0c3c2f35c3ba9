import { moveTo, partOf, sweepAbandoned, sweepPart } from './convert-target.ts';
import { EXIT_INTERRUPTED } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Has `write` make a file beside `target`, and puts it in place when it is whole. What an interrupted run leaves is gone
 * before this process is, whatever ends it; what a killed one left goes with the next.
 */
export async function writeBeside<T>(
  { target, output, force }: { target: string; output: string; force: boolean },
  write: (part: string) => Promise<T>,
): Promise<T> {
  sweepAbandoned(target);
  const part = partOf(target);
  const sweep = () => sweepPart(part);
  const abandon = () => process.exit(EXIT_INTERRUPTED);
  process.on('exit', sweep);
  for (const signal of SIGNALS) process.on(signal, abandon);
  try {
    const result = await write(part);
    await moveTo(part, target, output, force);
    return result;
  } catch (error) {
    sweep();
    throw error;
  } finally {
    process.off('exit', sweep);
    for (const signal of SIGNALS) process.off(signal, abandon);
  }
}

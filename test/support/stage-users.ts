import { readdirSync, readFileSync } from 'node:fs';

/** As whom each stage that this process started was last seen: the ids in `/proc/PID/status`. Linux alone. */
export function watchStageUsers(): Disposable & { seen: ReadonlyMap<number, string> } {
  const seen = new Map<number, string>();
  const look = () => {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        if (!status.includes(`\nPPid:\t${process.pid}\n`)) continue;
        if (!readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('lib/ingest/child')) continue;
        const ids = ['Uid', 'Gid', 'Groups'].map((field) =>
          new RegExp(`^${field}:(.*)$`, 'm').exec(status)?.[1]?.trim(),
        );
        seen.set(Number(name), ids.join(' / '));
      } catch {
        // It ended meanwhile.
      }
    }
  };
  const timer = setInterval(look, 5);
  return { seen, [Symbol.dispose]: () => clearInterval(timer) };
}

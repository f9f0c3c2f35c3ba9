// Loaded into the web process by NODE_OPTIONS: measures how long its event loop is held up. Each signal writes what was
// measured since the one before to the file that BENCH_LOOP_DELAY names.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Milliseconds between two looks: what the loop is later than that is its delay. */
const RESOLUTION_MS = 5;
const file = process.env.BENCH_LOOP_DELAY;

if (file !== undefined && isMainThread && /app[/\\]server\.[jt]s$/.test(process.argv[1] ?? '')) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  process.on('SIGUSR2', () => {
    const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    const measured = { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
    histogram.reset();
    writeFileSync(`${file}.part`, JSON.stringify(measured));
    renameSync(`${file}.part`, file);
  });
}

import { setTimeout as wait } from 'node:timers/promises';
import { signUp } from '../http.ts';
import { waitFor } from '../wait-for.ts';
import { type Cluster, startCluster, VICTIMS, type Victim } from './cluster.ts';
import { drain, findBroken, sweep } from './invariants.ts';
import { Random } from './random.ts';
import { startTraffic } from './traffic.ts';

export interface ChaosOptions {
  seed: number;
  /** Processes to kill, in all. */
  kills: number;
  /** Milliseconds of traffic before each. */
  pause: number;
  /** No further kill after so many; no limit unless given. */
  minutes?: number;
  /** Milliseconds between two uploads of one person: each takes seconds of processor time. */
  rest: number;
  report?: (line: string) => void;
}

export interface ChaosResult {
  kills: Record<Victim, number>;
  uploads: number;
  bytes: number;
  downloads: number;
  /** Requests that were cut off, refused in an outage, or in conflict after one. */
  interrupted: number;
  /** Files whose stages were killed so often that they had to be tried again by a person. */
  retried: number;
  /** What does not hold of the service's promises. */
  broken: string[];
  output: string;
}

/**
 * Kills processes of a whole service under uploads and downloads, lets it come to rest, and looks whether all that it
 * promised holds. The same seed kills in the same order, each kind as often as the others.
 */
export async function runChaos({
  seed,
  kills,
  pause,
  rest,
  minutes = Number.POSITIVE_INFINITY,
  report = () => {},
}: ChaosOptions): Promise<ChaosResult> {
  const random = new Random(seed);
  const cluster = await startCluster();
  try {
    const { cookie } = await signUp(cluster.urls[0], 'chaos@example.org');
    const traffic = startTraffic(cluster, { cookie, random: new Random(seed + 1), rest });
    const done = Object.fromEntries(VICTIMS.map((victim) => [victim, 0])) as Record<Victim, number>;
    const end = performance.now() + minutes * 60_000;
    let movedBefore = 0;
    for (let count = 0; count < kills && performance.now() < end; count += 1) {
      const victim = VICTIMS[count % VICTIMS.length] as Victim;
      await wait(pause + random.below(pause));
      // A service that is not back yet has nothing to lose.
      await waitFor(
        () => traffic.moved,
        (moved) => moved > movedBefore,
      ).catch((error: Error) => {
        throw new Error(`Nothing moves after ${count} kills. ${error.message}\n${cluster.output().slice(-20_000)}`);
      });
      movedBefore = traffic.moved;
      // Stages come and go.
      await waitFor(
        () => cluster.kill(victim, (among) => random.below(Math.max(1, among))),
        (isKilled) => isKilled,
        20,
      ).catch((error: Error) => {
        throw new Error(`No ${victim} to kill was found. ${error.message}\n${cluster.output().slice(-20_000)}`);
      });
      done[victim] += 1;
      report(`${count + 1}/${kills}: ${victim} killed; ${traffic.sent.length} uploads, ${traffic.downloads} downloads`);
      for (const fault of traffic.faults) report(`  FAULT ${fault}`);
    }
    await cluster.untilReady();
    await traffic.finish();
    report('Traffic ended; waiting for the queue.');
    const open = await drain(cluster);
    const retried = await retryFailed(cluster, cookie);
    open.push(...(await drain(cluster)));
    await sweep(cluster);
    const broken = [...traffic.faults, ...open, ...(await findBroken(cluster, traffic.sent))];
    return {
      kills: done,
      uploads: traffic.sent.length,
      bytes: traffic.sent.reduce((sum, { bytes }) => sum + bytes.length, 0),
      downloads: traffic.downloads,
      interrupted: traffic.interrupted,
      retried,
      broken,
      output: cluster.output(),
    };
  } finally {
    await cluster.dispose();
  }
}

/** A file whose every try was killed says so, and is tried again when a person asks for it. */
async function retryFailed(cluster: Cluster, cookie: string): Promise<number> {
  const failed = await cluster.query<{ id: number }>(
    "SELECT id FROM model_file WHERE state = 'incomplete' OR conversion = 'not_convertible'",
  );
  for (const { id } of failed) {
    const headers = { cookie, origin: cluster.urls[0] };
    const answer = await fetch(`${cluster.urls[0]}/api/files/${id}/retry`, { method: 'POST', headers });
    if (answer.status !== 202) throw new Error(`A retry was answered with ${answer.status}: ${await answer.text()}`);
  }
  return failed.length;
}

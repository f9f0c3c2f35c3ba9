import { randomUUID } from 'node:crypto';
import { lstat, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '../config.ts';
import { findProgram, findSandboxUser, WatchedProcess } from '../process/index.ts';
import { type Answer, heapFor } from './sandbox.ts';
import { findStageSnapshot } from './stage-snapshot.ts';
import type { StageCommand } from './stages.ts';

/** Without work for so long, none waits any more: it takes some 50 MiB. */
const IDLE_MS = 20_000;

export type StageProcess = WatchedProcess<StageCommand, Answer>;

/** A process that has loaded what scanning and identifying take, and that reads one file, which it does not know yet. */
export interface ReadyProcess {
  process: StageProcess;
  /** Makes a file the one that it may read. Returns the link by which it reaches it. */
  give(path: string): Promise<string>;
  /** Ends it, whatever it is doing. */
  end(): Promise<void>;
}

/**
 * Processes of the sandbox that are started before their file is known. What a process under Node's permission model may
 * read is fixed when it starts, so each may read one folder of its own, which is empty, and later has a link to one file in
 * it. The link is made here, where the process cannot write; it can follow it and no other, because it may write nothing.
 * A copy would be as safe, and read each file once more; a hard link would change the blob's time of change, by which
 * the store sees that nobody touched it, and does not reach files that are imported in place from another disk.
 */
export class ReadyProcesses {
  readonly #options: StartOptions;
  readonly #waiting: Promise<ReadyProcess>[] = [];
  #idle: NodeJS.Timeout | undefined;

  /** With another folder for theirs than the service's own, or another program, where a test says so. */
  constructor(options: StartOptions = {}) {
    this.#options = options;
  }

  /**
   * One that has served nobody; the caller ends it when its file is done. Another is started behind it. One that has to load
   * what few files need (`canLoad`) is started anew where those that wait are snapshots.
   */
  async take({ canLoad = false }: { canLoad?: boolean } = {}): Promise<ReadyProcess> {
    if (canLoad && (await snapshotOf(this.#options)) !== null)
      return await startReady({ ...this.#options, snapshot: null });
    const first = this.#waiting.shift() ?? this.#start();
    this.#refill();
    const ready = await first;
    if (ready.process.isOpen) return ready;
    // It was ended while it waited.
    await ready.end();
    return await this.#start();
  }

  /** Ends those that wait. */
  async endWaiting(): Promise<void> {
    clearTimeout(this.#idle);
    await Promise.allSettled(this.#waiting.splice(0).map(async (one) => await (await one).end()));
  }

  async #start(): Promise<ReadyProcess> {
    return await startReady({ ...this.#options, snapshot: await snapshotOf(this.#options) });
  }

  #refill(): void {
    // One is enough: each that is taken has another started behind it.
    if (this.#waiting.length === 0) {
      const started = this.#start();
      // Who takes it is told.
      started.catch(() => {});
      this.#waiting.push(started);
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.endWaiting(), IDLE_MS).unref();
  }
}

interface StartOptions {
  folder?: string;
  entry?: string;
  /** Null for none. */
  snapshot?: string | null;
}

/** That of another program is none of it. */
async function snapshotOf({ entry, snapshot }: StartOptions): Promise<string | null> {
  return snapshot === undefined && entry === undefined ? await findStageSnapshot() : (snapshot ?? null);
}

async function startReady({
  folder: parent = join(config().home, 'scratch'),
  entry = findProgram('stage'),
  snapshot,
}: StartOptions & { snapshot: string | null }): Promise<ReadyProcess> {
  await mkdir(parent, { recursive: true });
  const folder = join(await realpath(/*turbopackIgnore: true*/ parent), `ready-${randomUUID()}`);
  await mkdir(folder, { mode: 0o700 });
  const { user } = await findSandboxUser();
  const process: StageProcess = new WatchedProcess({
    entry,
    snapshot,
    rights: { read: [folder] },
    channel: 'lines',
    cwd: folder,
    user,
    heap: heapFor(config().stageMemory),
  });
  process.prepare({ ahead: true });
  return {
    process,
    async give(path) {
      // As a process does that opens its file by name: a link in place of it is not followed.
      if (!(await lstat(path)).isFile()) throw new Error('A link or a folder stands in place of the file.');
      const link = join(folder, 'file');
      await symlink(await realpath(path), link);
      return link;
    },
    async end() {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

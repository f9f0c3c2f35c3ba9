/** The real loaders in a process of their own, which may crash: `loaders.py` replaces it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What the loaders did with one file. */
export interface LoaderAnswer {
  /** Those that took it. */
  loaded: string[];
  /** `end` is a crash, by the name of its signal, at what the loader was doing. */
  events: [loader: string, what: LoaderEvent, name: string][];
}

export type LoaderEvent = 'import' | 'call' | 'call-result' | 'set-attribute' | 'shadow' | 'memory' | 'end';

const SCRIPT = join(import.meta.dirname, 'loaders.py');

export class Loaders {
  /** As the libraries say. */
  versions = '';
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: { resolve(answer: LoaderAnswer): void; reject(error: Error): void }[] = [];
  readonly #started: Promise<void>;
  readonly #ended: Promise<unknown>;
  #seeds: Uint8Array[] = [];

  constructor(python: string) {
    const env = { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', MALLOC_MMAP_THRESHOLD_: '131072' };
    this.#child = spawn(python, ['-I', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'], env });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#started = promise;
    let isFirst = true;
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (isFirst) {
        const { versions, seeds } = JSON.parse(line) as { versions: Record<string, string>; seeds: string[] };
        this.versions = Object.entries(versions)
          .map((pair) => pair.join(' '))
          .join(', ');
        this.#seeds = seeds.map((text) => Buffer.from(text, 'base64'));
        isFirst = false;
        resolve();
      } else this.#waiting.shift()?.resolve(JSON.parse(line) as LoaderAnswer);
    });
    const end = (error: Error) => {
      reject(error);
      for (const { reject: give } of this.#waiting.splice(0)) give(error);
    };
    this.#child.on('error', end);
    this.#ended = once(this.#child, 'close');
    this.#child.on('exit', (code, signal) => end(new Error(`${python} ended with ${signal ?? code}.`)));
    this.#child.stdin.on('error', () => {});
  }

  /** Files that the libraries write. */
  seeds(): Uint8Array[] {
    return this.#seeds;
  }

  /** Resolves as soon as the libraries are loaded, which takes seconds. */
  async started(): Promise<void> {
    await this.#started;
  }

  /** Answers come in the order in which they were asked for. */
  ask(bytes: Uint8Array): Promise<LoaderAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<LoaderAnswer>();
    this.#waiting.push({ resolve, reject });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    this.#child.stdin.write(length);
    this.#child.stdin.write(bytes);
    return promise;
  }

  /** Resolves as soon as the process has ended. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}

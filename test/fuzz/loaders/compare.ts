/** `npm run fuzz -- --target loaders`: what the real loaders do with files that the scanner calls clean. */
import type { Verdict } from '#scanner/index.ts';
import { findForbidden } from '../../conformance/support/allowed.ts';
import { minimiseWith } from '../minimise.ts';
import { makeRandom } from '../random.ts';
import { scanBytes } from '../targets.ts';
import { type LoaderAnswer, Loaders } from './ask-loaders.ts';
import { makeFile } from './files.ts';
import { MAX_FILE } from './formats.ts';

export interface LoaderFuzzOptions {
  /** Each with the libraries of a version. */
  pythons: readonly string[];
  seeds: readonly Uint8Array[];
  seed: number;
  isOver(inputs: number): boolean;
  onFault(bytes: Uint8Array, fault: string): void;
  onCounts(counts: LoaderCounts): void;
}

export interface LoaderCounts {
  inputs: number;
  verdicts: Partial<Record<Verdict, number>>;
  /** Clean files that a loader took, by loader. */
  loaded: Record<string, number>;
  /** What the loaders did with the files that are not clean and that they were asked about as well. */
  others: { asked: number; import: number; memory: number; end: number };
  /** Clean files with which they did what no weights need. */
  missed: number;
}

/** Files that are scanned while the loaders read those before. */
const WINDOW = 32;
/** Of the files that are not clean: what the loaders do with them says whether the fuzzer reaches anything. */
const SHOWN = 0.05;
/** Inputs that are made smaller, of those which fail in one way at one loader. */
const MINIMISED = 8;
const MAX_TRIES = 300;

/** The first thing that a loader did with the file and that reading weights never does. Null where there is none. */
export function faultOf(bytes: Uint8Array, { events }: LoaderAnswer): string | null {
  for (const [loader, what, name] of events) {
    if (what === 'memory' && (isRefusedAtOnce(bytes) || isInArrayData(loader, bytes))) continue;
    if (what === 'memory' || what === 'end' || what === 'shadow') return `${loader}: ${what} ${name}`;
    if (findForbidden({ events: [[what, name]], pickles: 0, error: null }) !== null)
      return `${loader}: ${what} ${name}`;
  }
  return null;
}

/** Opcodes of eight bytes of length, which some safetensors begin with. */
const LONG_OPCODES: readonly (number | undefined)[] = [0x8d, 0x8e, 0x95, 0x96];

/** Read as a pickle, it asks for more than any machine can address, and is refused before anything is taken. */
function isRefusedAtOnce(bytes: Uint8Array): boolean {
  return LONG_OPCODES.includes(bytes[0]) && bytes.subarray(7, 9).some((byte) => byte !== 0);
}

/** What all others but joblib take for opcodes is the data of an array, and a length in it is too large for any machine. */
function isInArrayData(loader: string, bytes: Uint8Array): boolean {
  return !loader.startsWith('joblib') && Buffer.from(bytes).includes('NumpyArrayWrapper');
}

export async function compareLoaders(options: LoaderFuzzOptions): Promise<void> {
  const random = makeRandom(options.seed);
  const shown = makeRandom(options.seed + 1);
  const loaders = options.pythons.map((python) => new Loaders(python));
  const counts: LoaderCounts = {
    inputs: 0,
    verdicts: {},
    loaded: {},
    others: { asked: 0, import: 0, memory: 0, end: 0 },
    missed: 0,
  };
  try {
    for (const one of loaders) await one.started();
    const seeds = [...options.seeds, ...loaders.flatMap((one) => one.seeds())].filter(
      ({ length }) => length > 0 && length <= MAX_FILE,
    );
    const clean = seeds.filter(isClean);
    const finder = new FaultFinder(loaders, options.onFault);
    const pending = new Set<Promise<void>>();
    while (!options.isOver(counts.inputs)) {
      const bytes = makeFile({ random, seeds, clean });
      counts.inputs += 1;
      const verdict = verdictOf(bytes, options.onFault);
      counts.verdicts[verdict] = (counts.verdicts[verdict] ?? 0) + 1;
      if (verdict === 'clean' || shown.chance(SHOWN)) {
        const asked = look(loaders, bytes, verdict, counts).then((fault) => {
          pending.delete(asked);
          if (fault !== null) finder.add(bytes, fault);
        });
        pending.add(asked);
      }
      if (pending.size >= WINDOW) await Promise.race(pending);
      if (counts.inputs % 500 === 0) {
        await finder.run();
        options.onCounts(counts);
      }
    }
    await Promise.all(pending);
    await finder.run();
    options.onCounts(counts);
  } finally {
    await Promise.all(loaders.map((one) => one.close()));
  }
}

function verdictOf(bytes: Uint8Array, onFault: LoaderFuzzOptions['onFault']): Verdict {
  try {
    return scanBytes(bytes).verdict;
  } catch (error) {
    onFault(bytes, `scanner: ${String(error instanceof Error ? error.stack : error)}`);
    return 'incomplete';
  }
}

/** What is wrong with a clean file, if anything; counts what was done with any. */
async function look(
  loaders: readonly Loaders[],
  bytes: Uint8Array,
  verdict: Verdict,
  counts: LoaderCounts,
): Promise<string | null> {
  const answers = await Promise.all(loaders.map((one) => one.ask(bytes)));
  if (verdict !== 'clean') {
    counts.others.asked += 1;
    const fault = answers.map((answer) => faultOf(bytes, answer)).find((one) => one !== null);
    const what = /: (memory|end)/.exec(fault ?? '')?.[1] as 'memory' | 'end' | undefined;
    if (fault !== undefined) counts.others[what ?? 'import'] += 1;
    return null;
  }
  for (const loader of new Set(answers.flatMap(({ loaded }) => loaded)))
    counts.loaded[loader] = (counts.loaded[loader] ?? 0) + 1;
  const at = answers.findIndex((answer) => faultOf(bytes, answer) !== null);
  if (at < 0) return null;
  counts.missed += 1;
  return `${at} ${faultOf(bytes, answers[at] as LoaderAnswer)}`;
}

/** Makes faults small, tells those of one kind once, and does so one after the other. */
class FaultFinder {
  readonly #loaders: readonly Loaders[];
  readonly #onFault: LoaderFuzzOptions['onFault'];
  readonly #known = new Set<string>();
  readonly #minimised = new Map<string, number>();
  #waiting: [bytes: Uint8Array, fault: string][] = [];

  constructor(loaders: readonly Loaders[], onFault: LoaderFuzzOptions['onFault']) {
    this.#loaders = loaders;
    this.#onFault = onFault;
  }

  add(bytes: Uint8Array, fault: string): void {
    this.#waiting.push([bytes, fault]);
  }

  async run(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [bytes, fault] of waiting) {
      const count = (this.#minimised.get(fault) ?? 0) + 1;
      this.#minimised.set(fault, count);
      if (count > MINIMISED) continue;
      const loader = this.#loaders[Number(fault.slice(0, fault.indexOf(' ')))] as Loaders;
      const text = fault.slice(fault.indexOf(' ') + 1);
      const fails = async (smaller: Uint8Array) =>
        isClean(smaller) && faultOf(smaller, await loader.ask(smaller)) === text;
      // A fault that is not there a second time was left behind by a file before.
      if (!(await fails(bytes))) continue;
      const smallest = await minimise(bytes, fails);
      const names = scanBytes(smallest).globals.map(({ name }) => name);
      const kind = `${text} ${names.join(' ')}`;
      if (this.#known.has(kind)) continue;
      this.#known.add(kind);
      this.#onFault(smallest, `${text} (${loader.versions}; ${names.join(', ')})`);
    }
  }
}

function isClean(bytes: Uint8Array): boolean {
  try {
    return scanBytes(bytes).verdict === 'clean';
  } catch {
    return false;
  }
}

async function minimise(bytes: Uint8Array, fails: (bytes: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  const steps = minimiseWith(bytes, 0, MAX_TRIES);
  let step = steps.next(false);
  while (!step.done) step = steps.next(await fails(step.value));
  return step.value;
}

import type { PickleAnalysis, PickleStep, Value } from '../pickle/index.ts';
import { readAgain } from './read-again.ts';
import { ValueWriter } from './words.ts';

const MAX_LINES = 400;
const LINE_LENGTH = 300;
const RESULT_LENGTH = 2000;
/** Calls as tensor files make them are all alike: so many of each callee are shown. */
const SHOWN_OF_A_KIND = 3;
const MAKES_VALUE: ReadonlySet<string> = new Set(
  'REDUCE NEWOBJ NEWOBJ_EX OBJ INST BINPERSID PERSID EXT1 EXT2 EXT4 STACK_GLOBAL GLOBAL'.split(' '),
);
const FILLS: ReadonlySet<string> = new Set(['SETITEM', 'SETITEMS', 'APPEND', 'APPENDS', 'ADDITEMS']);
const PLAIN: ReadonlySet<Value['kind']> = new Set(['list', 'dict', 'set']);

/** The pickles as Python-like lines, by their number: what a loader would do, in its order. Text to show, never to run. */
export function decompilePickles(analysis: PickleAnalysis, maxPickles: number): Map<number, string[]> {
  const all = new Map<number, Decompiler>();
  const isWhole = readAgain(analysis, (step) => {
    if (step.pickle >= maxPickles) return;
    let decompiler = all.get(step.pickle);
    if (decompiler === undefined) {
      decompiler = new Decompiler();
      all.set(step.pickle, decompiler);
    }
    decompiler.take(step);
  });
  if (!isWhole) [...all.values()].at(-1)?.lines.push('# … the rest needs too much memory to show');
  return new Map([...all].map(([pickle, decompiler]) => [pickle, decompiler.lines]));
}

class Decompiler {
  readonly lines: string[] = [];
  readonly #writer = new ValueWriter();
  readonly #imported = new Set<string>();
  readonly #counts = new Map<string, number>();
  #made: string | null = null;
  #variables = 0;
  #omitted = 0;

  take(step: PickleStep): void {
    const { opcode, stack } = step;
    const top = stack.at(-1);
    if (this.#made !== null && top !== undefined) this.#assign(this.#made, top);
    this.#made = MAKES_VALUE.has(opcode) ? opcode : null;
    if (opcode === 'BUILD') this.#build(stack.at(-2), top);
    else if (FILLS.has(opcode)) this.#fill(step);
    else if (opcode === 'STOP' && top !== undefined) this.#write(`return ${this.#writer.write(top, RESULT_LENGTH)}`);
    else if (opcode === 'end') this.#writeOmitted();
  }

  /** A value that an opcode made gets a name, so that later lines can speak of it. */
  #assign(opcode: string, value: Value): void {
    if (value.kind === 'global') {
      this.#importOnce(value.name);
      return;
    }
    if (value.kind === 'persistent' && value.storage !== null) return;
    if (value.kind !== 'call' && value.kind !== 'persistent' && value.kind !== 'opaque') return;
    if (opcode === 'INST' && value.kind === 'call' && value.callee.kind === 'global')
      this.#importOnce(value.callee.name);
    this.#variables += 1;
    const name = `_${this.#variables}`;
    const isUsual = value.kind === 'call' && value.trusted && value.callee.kind === 'global';
    const kind = isUsual && value.callee.kind === 'global' ? value.callee.name : '';
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (isUsual && count > SHOWN_OF_A_KIND) this.#omitted += 1;
    else this.#write(`${name} = ${this.#describe(opcode, value)}`);
    this.#writer.names.set(value, name);
  }

  #describe(opcode: string, value: Value): string {
    if (value.kind !== 'call' || !opcode.startsWith('NEWOBJ')) return this.#writer.write(value, LINE_LENGTH);
    const callee = this.#writer.write(value.callee, LINE_LENGTH);
    return `${callee}.__new__(${this.#writer.writeAll([value.callee, ...value.args], LINE_LENGTH)})`;
  }

  #importOnce(name: string): void {
    if (this.#imported.has(name)) return;
    this.#imported.add(name);
    this.#write(
      `import ${this.#writer.write({ kind: 'global', name, module: '', canonical: name, class: 'unknown' }, LINE_LENGTH)}`,
    );
  }

  #build(target: Value | undefined, state: Value | undefined): void {
    if (target === undefined || state === undefined) return;
    if (target.kind === 'call' && target.trusted && (this.#counts.get('BUILD') ?? 0) >= SHOWN_OF_A_KIND) {
      this.#omitted += 1;
      return;
    }
    this.#counts.set('BUILD', (this.#counts.get('BUILD') ?? 0) + 1);
    this.#write(`${this.#writer.write(target, LINE_LENGTH)}.__setstate__(${this.#writer.write(state, LINE_LENGTH)})`);
  }

  /** Entries of plain lists and dictionaries are seen where the whole is used; on anything else they are calls. */
  #fill({ opcode, stack, marks }: PickleStep): void {
    const start = opcode.endsWith('S') ? (marks.at(-1) ?? stack.length) : stack.length - (opcode === 'SETITEM' ? 2 : 1);
    const target = stack[start - 1];
    if (target === undefined || PLAIN.has(target.kind)) return;
    const items = stack.slice(start, start + 64);
    const content: Value = { kind: opcode.startsWith('SETITEM') ? 'dict' : 'list', items };
    const method = opcode === 'APPENDS' || opcode === 'APPEND' ? 'extend' : 'update';
    this.#write(`${this.#writer.write(target, LINE_LENGTH)}.${method}(${this.#writer.write(content, LINE_LENGTH)})`);
  }

  #write(line: string): void {
    if (this.lines.length >= MAX_LINES) {
      this.#omitted += 1;
      return;
    }
    this.#writeOmitted();
    this.lines.push(line);
  }

  #writeOmitted(): void {
    if (this.#omitted > 0)
      this.lines.push(`# … ${this.#omitted} more ${this.lines.length >= MAX_LINES ? 'lines' : 'such calls'}`);
    this.#omitted = 0;
  }
}

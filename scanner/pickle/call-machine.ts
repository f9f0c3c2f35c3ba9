import { COST } from './machine-state.ts';
import { ValueMachine } from './value-machine.ts';
import type { Value } from './values.ts';

const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Reads what opcodes say of protocol and sections, brings names in and calls them. */
export class CallMachine extends ValueMachine {
  protected frameEnd = 0;

  protected checkProtocol(from: number): void {
    const version = this.bytes[from] ?? 0;
    if (version > 5) {
      this.suspicious('pickle/protocol', `The file claims a pickle version (${version}) that does not exist.`);
    } else if (from - 1 !== this.start) {
      this.suspicious(
        'pickle/protocol',
        'The file states its pickle version in the middle instead of at the beginning.',
      );
    }
  }

  protected beginFrame(from: number, end: number): void {
    const length = Number(this.view.getBigUint64(from, true));
    if (end < this.frameEnd || end + length > this.bytes.length) {
      this.malformed('pickle/frame', 'A section of the contents is longer than what it stands in.');
    }
    this.frameEnd = Math.min(end + length, this.bytes.length);
  }

  /** C's reader takes no notice of frames and Python's own does, so what crosses a frame is read in two ways. */
  protected checkFrame(at: number, end: number): void {
    if (at < this.frameEnd && end > this.frameEnd) {
      this.malformed(
        'pickle/frame',
        'An instruction crosses the end of its section. Programs disagree on how to read it.',
      );
      this.frameEnd = 0;
    }
  }

  protected names(from: number, end: number): [string | null, string | null] {
    const middle = this.bytes.indexOf(0x0a, from);
    return [this.name(from, middle), this.name(middle + 1, end - 1)];
  }

  /** Null for what C refuses: an empty line, and what is no UTF-8. */
  protected name(from: number, end: number): string | null {
    if (end <= from) return null;
    try {
      return strict.decode(this.bytes.subarray(from, end));
    } catch {
      return null;
    }
  }

  protected importNamed(module: string | null, name: string | null): Value {
    const limit = this.context.limits.nameBytes;
    if (module === null || module === '' || name === null || module.length > limit) {
      this.malformed('pickle/broken', 'The name of a Python object is not readable text.');
      return { kind: 'opaque', what: 'an unreadable name' };
    }
    // No module has so long a name, but a way through attributes has no end: `path.os.path.os…`.
    if (name.length > limit) {
      this.judge.report(
        'pickle/import-computed',
        'dangerous',
        this.place,
        'The file hides which Python object it brings in: its name is longer than any real one.',
      );
      return { kind: 'opaque', what: 'an unreadable name' };
    }
    this.hold(COST.global + 2 * (module.length + name.length));
    return this.judge.importGlobal(module, name, this.place);
  }

  protected pushExtension(code: number): void {
    this.judge.report(
      'pickle/extension',
      'dangerous',
      this.place,
      `Loading this file brings in a Python object by a number (${code}), so that nobody can see which.`,
    );
    this.hold(COST.text);
    this.stack.push({ kind: 'opaque', what: `extension ${code}` });
  }

  protected call(callee: Value, args: Value, keywords: Value | null): void {
    const hasKeywords = keywords !== null && !(keywords.kind === 'dict' && keywords.items.length === 0);
    // A tuple never changes, so its list serves the call too.
    const items: readonly Value[] = args.kind !== 'tuple' ? [args] : args.items;
    if (args.kind !== 'tuple') this.suspicious('pickle/odd-call', 'A call has no list of arguments.');
    this.hold(COST.call + (hasKeywords ? COST.item * (items.length + 1) : 0));
    this.stack.push(this.judge.call(callee, hasKeywords ? [...items, keywords] : items, this.place));
  }
}

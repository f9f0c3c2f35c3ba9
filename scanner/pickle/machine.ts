import { ArrayMachine } from './array-machine.ts';
import { COST, type MachineContext, type PickleRun } from './machine-state.ts';
import { findOperandEnd, OPCODES } from './opcodes.ts';
import { FALSE, NONE, TRUE, type Value } from './values.ts';

const DEADLINE_EVERY = 0x4000;
/** REDUCE, NEWOBJ, NEWOBJ_EX, OBJ, INST and BUILD look at their arguments, which may be large: the clock is asked each time. */
const COSTLY: ReadonlySet<number> = new Set([0x52, 0x81, 0x92, 0x6f, 0x69, 0x62]);

/**
 * Reads one pickle from `start` on as Python's C unpickler would (CPython `Modules/_pickle.c`), with descriptions in
 * place of values. Total: whatever the bytes are, it ends and says what it saw. What a loader would have run before a
 * stream breaks is judged before the break is found.
 */
export function runPickle(bytes: Uint8Array, start: number, context: MachineContext): PickleRun {
  return new Machine(bytes, start, context).run();
}

class Machine extends ArrayMachine {
  run(): PickleRun {
    const run = this.read();
    this.trace(run.end, run.end, 'end');
    return run;
  }

  protected runInside(start: number): PickleRun {
    const { onArray: _, ...context } = this.context;
    const limits = { ...context.limits, heldBytes: Math.max(0, context.limits.heldBytes - this.held) };
    return new Machine(this.bytes, start, { ...context, limits }).run();
  }

  private trace(offset: number, end: number, opcode: string): void {
    const { stack, marks, memo, context, judge } = this;
    context.onStep?.({ pickle: judge.pickle, offset, end, opcode, stack, marks, memo });
  }

  private read(): PickleRun {
    const { limits } = this.context;
    let at = this.start;
    for (let count = 1; ; count += 1) {
      if (at >= this.bytes.length) {
        this.place = { offset: at, opcode: 'end' };
        this.malformed(
          'pickle/truncated',
          'The file ends in the middle of its list of contents. Probably a broken download.',
        );
        return this.ended(at, false);
      }
      const byte = this.bytes[at] ?? 0;
      const opcode = OPCODES.get(byte);
      this.place = { offset: at, opcode: opcode?.name ?? `0x${byte.toString(16).padStart(2, '0')}` };
      if (opcode === undefined) {
        this.malformed(
          'pickle/unknown-opcode',
          `The contents cannot be read on: 0x${byte.toString(16)} is no instruction.`,
        );
        return this.ended(at, false);
      }
      const end = findOperandEnd(this.bytes, opcode.operand, at + 1);
      if (end === null) {
        this.malformed(
          'pickle/truncated',
          'The contents end in the middle of an instruction. Probably a broken download.',
        );
        return this.ended(at, false);
      }
      if ((opcode.operand === 'line' || opcode.operand === 'two-lines') && end - at > limits.lineBytes) {
        return this.limit(at, `a line of ${end - at} bytes`);
      }
      this.checkFrame(at, end);
      if (this.context.onStep !== undefined) this.trace(at, end, opcode.name);
      if (byte === 0x2e) return this.stop(end);
      this.step(byte, at + 1, end);
      at = this.next(end);
      if (this.failedInside !== null) return { ...this.ended(at, false), limited: this.failedInside.limited };

      if (count > limits.opcodes) return this.limit(at, `more than ${limits.opcodes} instructions`);
      if (this.stack.length > limits.stack) return this.limit(at, `more than ${limits.stack} values at once`);
      if (this.memo.size > limits.memo) return this.limit(at, `more than ${limits.memo} remembered values`);
      if (this.bytes.length + this.held + this.judge.held > limits.heldBytes)
        return this.limit(at, 'more values than the memory for them holds');
      if (this.marks.length > limits.marks) return this.limit(at, `more than ${limits.marks} open lists`);
      if ((count % DEADLINE_EVERY === 0 || COSTLY.has(byte)) && Date.now() > this.context.deadline)
        return this.limit(at, 'more time than a scan may take');
    }
  }

  private step(byte: number, from: number, end: number): void {
    const { stack, bytes, view } = this;
    switch (String.fromCharCode(byte)) {
      case '(':
        this.pushMark();
        return;
      case '0':
        // POP takes the mark where nothing stands on it.
        if (this.marks.at(-1) === stack.length && this.marks.length > 0) this.marks.pop();
        else this.pop();
        return;
      case '1':
        this.popMark();
        return;
      case '2':
        this.shares = true;
        stack.push(this.top());
        return;
      case 'N':
        stack.push(NONE);
        return;
      case '\x88':
        stack.push(TRUE);
        return;
      case '\x89':
        stack.push(FALSE);
        return;
      case 'I':
        this.pushInteger(this.line(from, end), true);
        return;
      case 'L':
        this.pushInteger(this.line(from, end), false);
        return;
      case 'J':
        this.pushInt32(view.getInt32(from, true));
        return;
      case 'K':
        this.pushSmallInt(view.getUint8(from));
        return;
      case 'M':
        this.pushSmallInt(view.getUint16(from, true));
        return;
      case '\x8a':
        this.pushLong(bytes.subarray(from + 1, end));
        return;
      case '\x8b':
        this.pushLong(bytes.subarray(from + 4, end));
        return;
      case 'F':
        this.pushFloat(this.line(from, end));
        return;
      case 'G':
        this.hold(COST.number);
        stack.push({ kind: 'float', value: view.getFloat64(from, false) });
        return;
      case 'S':
        this.pushString(this.line(from, end));
        return;
      case 'T':
        this.pushByteString(bytes.subarray(from + 4, end));
        return;
      case 'U':
        this.pushByteString(bytes.subarray(from + 1, end));
        return;
      case 'V':
        this.pushUnicode(this.line(from, end));
        return;
      case 'X':
        this.pushUtf8(bytes.subarray(from + 4, end));
        return;
      case '\x8c':
        this.pushUtf8(bytes.subarray(from + 1, end));
        return;
      case '\x8d':
        this.pushUtf8(bytes.subarray(from + 8, end));
        return;
      case 'B':
        this.pushBytes('bytes', bytes.subarray(from + 4, end));
        return;
      case 'C':
        this.pushBytes('bytes', bytes.subarray(from + 1, end));
        return;
      case '\x8e':
        this.pushBytes('bytes', bytes.subarray(from + 8, end));
        return;
      case '\x96':
        this.pushBytes('bytearray', bytes.subarray(from + 8, end));
        return;
      case '\x97':
        this.suspicious(
          'pickle/buffer',
          'The file expects numbers to be handed over beside it, which no file on disk can do.',
        );
        this.hold(COST.number);
        stack.push({ kind: 'opaque', what: 'a buffer' });
        return;
      case '\x98':
        // What a call made may be a buffer too.
        if (!['opaque', 'bytes', 'bytearray', 'call'].includes(this.top().kind))
          this.broken('what is no buffer is made one');
        else this.suspicious('pickle/buffer', 'The file closes a buffer against writing, as no tensor file does.');
        return;
      case ')':
        this.pushEmptyTuple();
        return;
      case ']':
        this.pushContainer('list', []);
        return;
      case '}':
        this.pushContainer('dict', []);
        return;
      case '\x8f':
        this.pushContainer('set', []);
        return;
      case 't':
        this.pushContainer('tuple', this.popMark());
        return;
      case 'l':
        this.pushContainer('list', this.popMark());
        return;
      case 'd':
        this.pushDict(this.popMark());
        return;
      case '\x91':
        this.pushFrozenSet(this.popMark());
        return;
      case '\x85':
        this.pushContainer('tuple', this.popSome(1));
        return;
      case '\x86':
        this.pushContainer('tuple', this.popSome(2));
        return;
      case '\x87':
        this.pushContainer('tuple', this.popSome(3));
        return;
      case 'a':
        this.putInto('list', this.popSome(1));
        return;
      case 'e':
        this.putInto('list', this.popMark());
        return;
      case 's':
        this.putInto('dict', this.popSome(2));
        return;
      case 'u':
        this.putInto('dict', this.popMark());
        return;
      case '\x90':
        this.putInto('set', this.popMark());
        return;
      case 'p':
        this.put(this.memoKey(from, end));
        return;
      case 'q':
        this.put(view.getUint8(from));
        return;
      case 'r':
        this.put(view.getUint32(from, true));
        return;
      case '\x94':
        this.put(this.memo.size);
        return;
      case 'g':
        this.get(this.memoKey(from, end));
        return;
      case 'h':
        this.get(view.getUint8(from));
        return;
      case 'j':
        this.get(view.getUint32(from, true));
        return;
      case 'c': {
        const [module, name] = this.names(from, end);
        stack.push(this.importNamed(module, name));
        return;
      }
      case 'i': {
        const [module, name] = this.names(from, end);
        const args = this.popMark();
        this.hold(COST.call + COST.item * args.length);
        stack.push(this.judge.call(this.importNamed(module, name), args, this.place));
        return;
      }
      case '\x93': {
        const [module, name] = this.popSome(2) as [Value, Value];
        stack.push(
          module.kind === 'str' && name.kind === 'str' && !module.cut && !name.cut
            ? this.importNamed(module.text, name.text)
            : this.judge.importComputed(module, name, this.place),
        );
        return;
      }
      case '\x82':
        this.pushExtension(view.getUint8(from));
        return;
      case '\x83':
        this.pushExtension(view.getUint16(from, true));
        return;
      case '\x84':
        this.pushExtension(view.getInt32(from, true));
        return;
      case 'R':
      case '\x81': {
        const [callee, args] = this.popSome(2) as [Value, Value];
        this.call(callee, args, null);
        return;
      }
      case '\x92': {
        const [callee, args, keywords] = this.popSome(3) as [Value, Value, Value];
        this.call(callee, args, keywords);
        return;
      }
      case 'o': {
        const [callee = this.missing(), ...args] = this.popMark();
        this.hold(COST.call + COST.item * args.length);
        stack.push(this.judge.call(callee, args, this.place));
        return;
      }
      case 'b':
        this.build(end);
        return;
      case 'Q': {
        const [id] = this.popSome(1) as [Value];
        this.hold(COST.persistent);
        stack.push(this.judge.persistent(id, this.place));
        return;
      }
      case 'P':
        this.suspicious(
          'pickle/persistent-id',
          'The file refers to something outside of it by a text, as no tensor file does.',
        );
        this.hold(COST.number);
        stack.push({ kind: 'opaque', what: 'something outside the file' });
        return;
      case '\x80':
        this.checkProtocol(from);
        return;
      case '\x95':
        this.beginFrame(from, end);
        return;
    }
  }

  private stop(end: number): PickleRun {
    const result = this.stack.length > 0 ? this.pop() : null;
    if (result === null) this.broken('nothing is left to be loaded');
    else if (this.stack.length > 0 || this.marks.length > 0) {
      this.suspicious(
        'pickle/leftover',
        'The file makes values that it then leaves lying. Picklers do not; people who edit pickles do.',
      );
    }
    return this.ended(end, true, result);
  }

  private ended(end: number, complete: boolean, result: Value | null = null): PickleRun {
    const integer = result?.kind === 'int' ? result.value : null;
    return { end, complete, integer, result, shares: this.shares, held: this.held, limited: false };
  }

  private limit(end: number, what: string): PickleRun {
    this.judge.report('pickle/limit', 'incomplete', this.place, `The file was not read to its end: it has ${what}.`);
    return { ...this.ended(end, false), limited: true };
  }
}

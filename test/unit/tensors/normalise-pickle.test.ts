import { describe, expect, it } from 'vitest';
import { MalformedTensors } from '#scanner/tensors/errors.ts';
import { InertObject } from '#scanner/tensors/inert.ts';
import { normalisePickle } from '#scanner/tensors/normalise-pickle.ts';
import { rebuildGraph } from '#scanner/tensors/rebuild-graph.ts';

const rebuild = (text: string) => rebuildGraph(Buffer.from(text, 'latin1'));

describe('normalisePickle', () => {
  it('leaves a pickle without odd opcodes as it is', () => {
    const bytes = Buffer.from('\x80\x02}(X\x01\x00\x00\x00aK\x01u.trailing', 'latin1');
    expect(Buffer.from(normalisePickle(bytes)).toString('latin1')).toBe('\x80\x02}(X\x01\x00\x00\x00aK\x01u.');
  });

  it('remembers what is fetched again, and nothing else', () => {
    const normalised = (text: string) => Buffer.from(normalisePickle(Buffer.from(text, 'latin1'))).toString('latin1');
    expect(normalised('\x80\x02(]q\x00]q\x01]r\x02\x00\x00\x00h\x01t.')).toBe('\x80\x02(]]q\x01]h\x01t.');
    const [first, second] = rebuild('\x80\x02(]q\x00]q\x01h\x01K\x07at.') as unknown[][];
    expect([first, second]).toEqual([[], [7]]);
    for (const whole of ['\x80\x04(]\x94]q\x05h\x00t.', '\x80\x02(]q\x00]q\x01g0\nt.'])
      expect(normalised(whole)).toBe(whole);
  });

  it('keeps the sign of long integers', () => {
    expect(rebuild('\x80\x02\x8a\x01\xff.')).toBe(-1);
    expect(rebuild('\x80\x02\x8b\x02\x00\x00\x00\x00\x80.')).toBe(-32768);
    expect(rebuild('L-5000000000L\n.')).toBe(-5_000_000_000);
    expect(rebuild('\x80\x02\x8a\x00.')).toBe(0);
    expect(rebuild(`\x80\x02\x8a\x0a${'\x00'.repeat(9)}\x01.`)).toBe(2 ** 72);
  });

  it('decodes the escapes of protocol 0 texts', () => {
    expect(rebuild("S'a\\n\\x41\\\\\\''\n.")).toBe("a\nA\\'");
    expect(rebuild('V\\u00e9\\U0001f600x\xe9\n.')).toBe('é😀xé');
  });

  it('gives DICT its items as entries', () => {
    const dict = rebuild("(S'__proto__'\nI1\nS'b'\n(S'c'\nI2\ndd.");
    expect(dict).toEqual(
      new Map<string, unknown>([
        ['__proto__', 1],
        ['b', new Map([['c', 2]])],
      ]),
    );
  });

  it('takes the first item of OBJ for its class', () => {
    const object = rebuild('(cdecimal\nDecimal\nq\x00K\x07K\x08o.');
    expect(object).toBeInstanceOf(InertObject);
    expect((object as InertObject).className).toBe('decimal.Decimal');
    expect((object as InertObject).args).toEqual([7, 8]);
  });

  it.each([
    ['no STOP', '\x80\x02K\x01'],
    ['operand cut off', '\x80\x02X\xff\xff\x00\x00abc.'],
    ['a closing without an opening', '\x80\x02t.'],
    ['a length beyond the file', '\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fa.'],
    ['items appended to nothing', '\x80\x02K\x01a.'],
  ])('refuses %s', (_what, text) => {
    expect(() => rebuild(text)).toThrow(MalformedTensors);
  });
});

describe('rebuildGraph', () => {
  it('calls nothing: a dangerous global becomes an object that records its arguments', () => {
    const object = rebuild("cposix\nsystem\n(S'echo harmless'\ntR.") as InertObject;
    expect(object.className).toBe('posix.system');
    expect(object.args).toEqual(['echo harmless']);
  });

  it('does not let BUILD reach the prototype that objects share', () => {
    rebuild("]}(S'__proto__'\n}(S'polluted'\nI1\nuub.");
    rebuild("cmodel\nThing\n)\x81}(S'__proto__'\n}(S'polluted'\nI1\nuub.");
    rebuild("cmodel\nThing\n}(S'__proto__'\n}(S'polluted'\nI1\nuub.");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf([])).toBe(Array.prototype);
  });
});

import type { ByteRange, Piece } from '../read-forwards.ts';
import { DTYPE_BYTES, isBlockType, unitBytes } from '../tensors/index.ts';
import type { Casts } from './casts.ts';
import type { ElementCast } from './element-cast.ts';
import { fileShrank } from './errors.ts';
import { settleElements } from './gather.ts';
import { countElements, isContiguous, type Placement } from './layout.ts';
import type { PositionedWriter } from './positioned-writer.ts';

/** What is cast at once, and stays in the processor's cache meanwhile. */
const BLOCK_BYTES = 1024 * 1024;
/** Ranges that are no farther apart are read as one. */
const GAP_BYTES = 64 * 1024;

/** A tensor that lies in one run of the source. */
interface Run {
  placement: Placement;
  /** Where its next byte lies in the source, and where it ends. */
  next: number;
  end: number;
  /** Where what comes of its next byte belongs in the target. */
  to: number;
  /** Of what is not written as it lies: the beginning of an element whose rest has not come yet. */
  carry: Uint8Array | null;
  /** Of what is of another type then, as soon as the first byte of it comes. */
  cast: ElementCast | null;
}

/**
 * Copies tensors out of a source that is read from front to back, each to its place in the target, in whatever order they
 * lie. Takes those that lie in one run; views that do not are read by themselves.
 */
export class StreamedTensors {
  readonly #writer: PositionedWriter;
  readonly #casts: Casts;
  /** Those that no byte has come of, the first one at the end. */
  readonly #waiting: Run[];
  #started: Run[] = [];
  #block = Buffer.alloc(0);

  /** `dataStart` is where the first tensor stands in the target. */
  constructor(placements: readonly Placement[], dataStart: number, writer: PositionedWriter, casts: Casts) {
    this.#writer = writer;
    this.#casts = casts;
    this.#waiting = placements
      .filter(({ tensor }) => isContiguous(tensor.source))
      .map((placement) => startOf(placement, dataStart))
      .filter(({ next, end }) => next < end)
      .sort((a, b) => b.next - a.next);
  }

  /** The parts of the source that it needs, in order. */
  ranges(): ByteRange[] {
    const ranges: ByteRange[] = [];
    for (const { next: start, end } of this.#waiting.toReversed()) {
      const last = ranges.at(-1);
      if (last !== undefined && start <= last.end + GAP_BYTES) last.end = Math.max(last.end, end);
      else ranges.push({ start, end });
    }
    return ranges;
  }

  /** The next piece of the source. It may be overwritten when this returns. */
  take({ position, bytes }: Piece): void {
    const end = position + bytes.length;
    for (let run = this.#waiting.at(-1); run !== undefined && run.next < end; run = this.#waiting.at(-1)) {
      run.cast = this.#casts.of(run.placement.tensor);
      this.#started.push(run);
      this.#waiting.pop();
    }
    for (const run of this.#started) {
      const part = bytes.subarray(run.next - position, Math.min(run.end, end) - position);
      run.next += part.length;
      if (run.carry === null) {
        this.#writer.write(part, run.to);
        run.to += part.length;
      } else run.carry = this.#change(run, run.carry, part);
    }
    this.#started = this.#started.filter(({ next, end }) => next < end);
  }

  /** Throws ConversionError where the source ended before its tensors did. */
  finish(): void {
    if (this.#waiting.length > 0 || this.#started.length > 0) throw fileShrank();
  }

  /** Writes the whole elements of `carry` and `part`, which follow each other, and gives what is left over. */
  #change(run: Run, carry: Uint8Array, part: Uint8Array): Uint8Array {
    const { tensor } = run.placement;
    const { cast } = run;
    // Blocks are as many elements as any cast takes at once.
    const atOnce = isBlockType(tensor.source.dtype) ? 1 : (cast?.elementsAtOnce ?? 1);
    const elementBytes = unitBytes(tensor.source.dtype) * atOnce;
    if (this.#block.length === 0) this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    let head = carry;
    let rest = part;
    while (rest.length > 0) {
      this.#block.set(head);
      const taken = rest.subarray(0, BLOCK_BYTES - head.length);
      this.#block.set(taken, head.length);
      rest = rest.subarray(taken.length);
      const filled = head.length + taken.length;
      const elements = this.#block.subarray(0, filled - (filled % elementBytes));
      // Of a typed array `slice` copies, of a Buffer it does not.
      head = Uint8Array.prototype.slice.call(this.#block, elements.length, filled);
      settleElements(elements, tensor.source);
      const written = cast === null ? elements : cast.convert(elements);
      this.#writer.write(written, run.to);
      run.to += written.length;
    }
    return head;
  }
}

function startOf(placement: Placement, dataStart: number): Run {
  const { dtype, source } = placement.tensor;
  const { storage, shape } = source;
  const elementBytes = DTYPE_BYTES[source.dtype];
  const bytes = countElements(shape) * elementBytes;
  const next = storage.start + storage.offset * elementBytes;
  const isChanged = dtype !== source.dtype || storage.bigEndian || storage.sign !== undefined;
  const carry = isChanged ? new Uint8Array(0) : null;
  return { placement, next, end: next + bytes, to: dataStart + placement.begin, carry, cast: null };
}

/** A point of an outline, in font units, y upwards. */
export interface OutlinePoint {
  x: number;
  y: number;
  /** False for the control point of a quadratic curve. */
  onCurve: boolean;
}

/** Closed lines; the area between them is ink. */
export type Outline = readonly (readonly OutlinePoint[])[];

/** How far a component of a glyph is moved and scaled: x' = xx·x + yx·y + dx, y' = xy·x + yy·y + dy. */
interface Placement {
  xx: number;
  xy: number;
  yx: number;
  yy: number;
  dx: number;
  dy: number;
}

const MAX_DEPTH = 6;

/**
 * Outlines of all glyphs of a WOFF2 `glyf` table in its transformed form (W3C WOFF File Format 2.0, section 5.1), by
 * glyph number. A glyph without ink has no lines.
 */
export function readOutlines(glyf: Buffer): Outline[] {
  const glyphs = glyf.readUInt16BE(4);
  let start = 8 + 7 * 4;
  const streams = Array.from({ length: 7 }, (_, index) => {
    const length = glyf.readUInt32BE(8 + index * 4);
    start += length;
    return new Stream(glyf.subarray(start - length, start));
  });
  const [contours, points, flags, coordinates, composites] = streams as [Stream, Stream, Stream, Stream, Stream];
  const simple: (Outline | null)[] = [];
  const parts = new Map<number, { glyph: number; placement: Placement }[]>();
  for (let glyph = 0; glyph < glyphs; glyph += 1) {
    const count = contours.int16();
    if (count < 0) {
      const { components, hasInstructions } = readComponents(composites);
      parts.set(glyph, components);
      simple.push(null);
      if (hasInstructions) coordinates.short255();
      continue;
    }
    simple.push(readSimple(count, points, flags, coordinates));
    // How many bytes of instructions there are; they lie in a stream of their own, which drawing leaves out.
    if (count > 0) coordinates.short255();
  }
  const whole = (glyph: number, depth: number): Outline => {
    if (depth > MAX_DEPTH) throw new Error('The glyphs of this font refer to each other in a loop.');
    return (
      simple[glyph] ??
      (parts.get(glyph) ?? []).flatMap((part) =>
        whole(part.glyph, depth + 1).map((line) => line.map((point) => place(point, part.placement))),
      )
    );
  };
  return simple.map((_, glyph) => whole(glyph, 0));
}

function readSimple(count: number, points: Stream, flags: Stream, coordinates: Stream): Outline {
  const lengths = Array.from({ length: count }, () => points.short255());
  let x = 0;
  let y = 0;
  return lengths.map((length) =>
    Array.from({ length }, () => {
      const flag = flags.byte();
      const [dx, dy] = readStep(flag & 127, coordinates);
      x += dx;
      y += dy;
      return { x, y, onCurve: flag < 128 };
    }),
  );
}

/** The way from the last point, of which the flag says how many bytes it takes (section 5.2). */
function readStep(flag: number, stream: Stream): [number, number] {
  const signed = (bits: number, value: number) => (bits & 1 ? value : -value);
  if (flag < 10) return [0, signed(flag, ((flag & 14) << 7) + stream.byte())];
  if (flag < 20) return [signed(flag, (((flag - 10) & 14) << 7) + stream.byte()), 0];
  if (flag < 84) {
    const size = flag - 20;
    const byte = stream.byte();
    return [signed(flag, 1 + (size & 0x30) + (byte >> 4)), signed(flag >> 1, 1 + ((size & 0x0c) << 2) + (byte & 0x0f))];
  }
  if (flag < 120) {
    const size = flag - 84;
    const dx = 1 + (Math.floor(size / 12) << 8) + stream.byte();
    const dy = 1 + (((size % 12) >> 2) << 8) + stream.byte();
    return [signed(flag, dx), signed(flag >> 1, dy)];
  }
  const first = stream.byte();
  const second = stream.byte();
  const third = stream.byte();
  if (flag < 124)
    return [signed(flag, (first << 4) + (second >> 4)), signed(flag >> 1, ((second & 0x0f) << 8) + third)];
  return [signed(flag, (first << 8) + second), signed(flag >> 1, (third << 8) + stream.byte())];
}

/** The parts of a composite glyph, written as OpenType's `glyf` does. */
function readComponents(stream: Stream): {
  components: { glyph: number; placement: Placement }[];
  hasInstructions: boolean;
} {
  const components: { glyph: number; placement: Placement }[] = [];
  let hasInstructions = false;
  for (;;) {
    const flags = stream.uint16();
    const glyph = stream.uint16();
    const words = (flags & 0x0001) !== 0;
    const offset = () => (words ? stream.int16() : stream.int8());
    const [dx, dy] = [offset(), offset()];
    if ((flags & 0x0002) === 0) throw new Error('Glyphs with parts placed by points are not supported.');
    const placement = { xx: 1, xy: 0, yx: 0, yy: 1, dx, dy };
    const scale = () => stream.int16() / 2 ** 14;
    if (flags & 0x0008) placement.xx = placement.yy = scale();
    else if (flags & 0x0040) [placement.xx, placement.yy] = [scale(), scale()];
    else if (flags & 0x0080) Object.assign(placement, { xx: scale(), xy: scale(), yx: scale(), yy: scale() });
    components.push({ glyph, placement });
    hasInstructions ||= (flags & 0x0100) !== 0;
    if ((flags & 0x0020) === 0) return { components, hasInstructions };
  }
}

function place({ x, y, onCurve }: OutlinePoint, { xx, xy, yx, yy, dx, dy }: Placement): OutlinePoint {
  return { x: xx * x + yx * y + dx, y: xy * x + yy * y + dy, onCurve };
}

class Stream {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1);
  }

  int8(): number {
    return (this.byte() << 24) >> 24;
  }

  uint16(): number {
    return (this.byte() << 8) | this.byte();
  }

  int16(): number {
    return (this.uint16() << 16) >> 16;
  }

  /** WOFF2's 255UInt16. */
  short255(): number {
    const code = this.byte();
    if (code === 253) return this.uint16();
    if (code === 255) return 253 + this.byte();
    if (code === 254) return 506 + this.byte();
    return code;
  }
}

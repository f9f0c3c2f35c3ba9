const EXIF_FLAG = 0x08;

interface Part {
  type: string;
  data: Buffer;
}

/** A lossy WebP without EXIF, of the given size in pixels, with an EXIF block (a TIFF header and what follows) put into it. */
export function insertExif(webp: Buffer, exif: Buffer, { width, height }: { width: number; height: number }): Buffer {
  const parts = readParts(webp);
  const extended = parts.find(({ type }) => type === 'VP8X');
  const head = Buffer.from(extended?.data ?? Buffer.alloc(10));
  // Without this head a lossy picture has no transparency, which would have to be told here.
  if (extended === undefined) {
    head.writeUIntLE(width - 1, 4, 3);
    head.writeUIntLE(height - 1, 7, 3);
  }
  head[0] = (head[0] ?? 0) | EXIF_FLAG;
  const otherParts = parts.filter(({ type }) => type !== 'VP8X');
  const body = [{ type: 'VP8X', data: head }, ...otherParts, { type: 'EXIF', data: exif }].map(writePart);
  const size = body.reduce((sum, { length }) => sum + length, 4);
  const start = Buffer.from('RIFF....WEBP', 'latin1');
  start.writeUInt32LE(size, 4);
  return Buffer.concat([start, ...body]);
}

function readParts(webp: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 12; at + 8 <= webp.length; ) {
    const length = webp.readUInt32LE(at + 4);
    parts.push({ type: webp.toString('latin1', at, at + 4), data: webp.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return parts;
}

function writePart({ type, data }: Part): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

import ExifReader from 'exifreader';

/** Longest EXIF that is read, in bytes: infotext has some thousands, ComfyUI's workflows up to megabytes. */
const MAX_EXIF = 8 * 1024 * 1024;
const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1');
const CHARACTER_CODE_BYTES = 8;

/** Texts of an EXIF block in which programs keep how a picture was made. */
export interface ExifTexts {
  userComment: string | null;
  /** ComfyUI writes `prompt:{…}` and `workflow:{…}` into tags that cameras use. */
  others: string[];
}

/** Reads an EXIF block (`Exif\0\0` and a TIFF header, or the latter alone). Never throws: what is broken is not there. */
export function readExifTexts(exif: Buffer): ExifTexts {
  const nothing = { userComment: null, others: [] };
  if (exif.length > MAX_EXIF) return nothing;
  const tiff = exif.subarray(0, 6).equals(EXIF_PREFIX) ? exif.subarray(6) : exif;
  try {
    const read = ExifReader.loadView(new DataView(tiff.buffer, tiff.byteOffset, tiff.length), {
      expanded: true,
      includeTags: { exif: ['UserComment', 'ImageDescription', 'Make', 'Model'] },
    });
    const tags = (read.exif ?? {}) as { [name: string]: { value?: unknown } | undefined };
    const comment: unknown = tags.UserComment?.value;
    const text = (tag: { value?: unknown } | undefined) =>
      [tag?.value].flat().filter((part) => typeof part === 'string');
    return {
      userComment: Array.isArray(comment) ? decodeUserComment(Buffer.from(comment), isLittleEndian(tiff)) : null,
      others: [tags.ImageDescription, tags.Make, tags.Model].flatMap(text),
    };
  } catch {
    return nothing;
  }
}

function isLittleEndian(tiff: Buffer): boolean {
  return tiff.toString('latin1', 0, 2) === 'II';
}

/**
 * Text of a UserComment: 8 bytes that name its characters, and the text. `UNICODE` is UTF-16, whose byte order follows from
 * a mark, by where the zeros of its Latin letters lie, or else by the whole block; some programs write UTF-8 there.
 */
export function decodeUserComment(comment: Buffer, littleEndian: boolean): string {
  const code = comment.toString('latin1', 0, CHARACTER_CODE_BYTES);
  const text = comment.subarray(CHARACTER_CODE_BYTES);
  if (code === 'UNICODE\0') return stripNulls(decodeUtf16(text, littleEndian));
  if (code === 'ASCII\0\0\0' || code === '\0\0\0\0\0\0\0\0') return stripNulls(text.toString('utf8'));
  // Programs that do not know of the 8 bytes begin with the text.
  return stripNulls(comment.toString('utf8'));
}

function stripNulls(text: string): string {
  return text.replaceAll('\0', '').trim();
}

function decodeUtf16(text: Buffer, littleEndian: boolean): string {
  const even = Buffer.from(text.subarray(0, text.length - (text.length % 2)));
  const mark = even.toString('latin1', 0, 2);
  if (mark === '\xff\xfe') return even.toString('utf16le', 2);
  if (mark === '\xfe\xff') return even.swap16().toString('utf16le', 2);
  let zerosFirst = 0;
  let zerosSecond = 0;
  for (let at = 0; at < even.length; at += 2) {
    if (even[at] === 0) zerosFirst += 1;
    if (even[at + 1] === 0) zerosSecond += 1;
  }
  // Text of a generator has Latin letters; without a zero it is UTF-8 under a wrong name.
  if (zerosFirst === 0 && zerosSecond === 0) return text.toString('utf8');
  const isLittle = zerosFirst === zerosSecond ? littleEndian : zerosSecond > zerosFirst;
  return isLittle ? even.toString('utf16le') : even.swap16().toString('utf16le');
}

/** A TIFF block whose only content is a UserComment in UTF-16, big endian as A1111 writes it through piexif. */
export function createUserComment(text: string): Buffer {
  const content = Buffer.concat([Buffer.from('UNICODE\0', 'latin1'), Buffer.from(text, 'utf16le').swap16()]);
  const head = Buffer.alloc(44);
  head.write('MM\0*', 0, 'latin1');
  head.writeUInt32BE(8, 4);
  const writeDirectory = (at: number, tag: number, type: number, count: number, value: number) => {
    head.writeUInt16BE(1, at);
    head.writeUInt16BE(tag, at + 2);
    head.writeUInt16BE(type, at + 4);
    head.writeUInt32BE(count, at + 6);
    head.writeUInt32BE(value, at + 10);
  };
  // The first directory holds where that of EXIF lies, which holds where the comment lies.
  writeDirectory(8, 0x8769, 4, 1, 26);
  writeDirectory(26, 0x9286, 7, content.length, 44);
  return Buffer.concat([head, content]);
}

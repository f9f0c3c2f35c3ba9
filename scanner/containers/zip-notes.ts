/** Bytes of an archive that belong to no entry's content, and that programs seldom look at. */
export interface ZipNote {
  kind: 'comment' | 'extra-field';
  /** The entry that it is of; null for the comment of the archive. */
  entry: string | null;
  bytes: Uint8Array;
}

/** Notes of one archive: more are not kept, and said to be left out. */
const MAX_NOTES = 1000;
const MAX_NOTE_BYTES = 8 * 1024 * 1024;
/** Ids of extra fields that writers use for sizes, times, owners, names and padding (APPNOTE 4.5.2, 4.6; PyTorch `FB`). */
const USUAL: ReadonlySet<number> = new Set([
  ...[0x0001, 0x0009, 0x000a, 0x000d, 0x5455, 0x5855, 0x7855, 0x7875, 0x756e, 0x7075, 0x6375, 0x9901, 0xcafe, 0xd935],
  0x4246,
]);
/** What these hold is short, but for padding and texts. */
const MAX_USUAL = 128;

/** Gathers the comments and the unusual extra fields while a directory is read. */
export class NoteCollector {
  readonly notes: ZipNote[] = [];
  /** True where there were more than are kept. */
  isCut = false;
  #bytes = 0;

  addComment(entry: string | null, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#add({ kind: 'comment', entry, bytes });
  }

  /** The extra fields of one header: an id, a length and data, one behind the other. */
  addExtra(entry: string, extra: Uint8Array): void {
    const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
    let at = 0;
    while (at + 4 <= extra.length) {
      const end = at + 4 + view.getUint16(at + 2, true);
      if (end > extra.length) break;
      const data = extra.subarray(at + 4, end);
      if (!isFiller(data) && !(USUAL.has(view.getUint16(at, true)) && data.length <= MAX_USUAL))
        this.#add({ kind: 'extra-field', entry, bytes: data });
      at = end;
    }
    const rest = extra.subarray(at);
    if (!isFiller(rest)) this.#add({ kind: 'extra-field', entry, bytes: rest });
  }

  #add(note: ZipNote): void {
    this.#bytes += note.bytes.length;
    this.isCut ||= this.notes.length >= MAX_NOTES || this.#bytes > MAX_NOTE_BYTES;
    if (!this.isCut) this.notes.push({ ...note, bytes: Uint8Array.from(note.bytes) });
  }
}

/** Writers that align data fill up with one byte: PyTorch with `Z`, others with zeros. */
function isFiller(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === bytes[0]);
}

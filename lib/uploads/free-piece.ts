/**
 * Gives back the memory of a piece of a request's body that nobody needs any more; it is empty from then on. Node allocates
 * one of up to 64 KiB for each, and V8 counts them until it next collects: a gigabyte would start a dozen full collections
 * of the whole heap, which took half of the processor time of an upload. A part of a larger buffer is left alone.
 */
export function freePiece(piece: Uint8Array<ArrayBuffer>): void {
  if (piece.byteLength === piece.buffer.byteLength) piece.buffer.transfer(0);
}

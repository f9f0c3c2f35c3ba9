import type { FileStamp } from '#scanner/file-stamp.ts';
import { readBlob } from '../storage/index.ts';

/** Bytes `[start, end]` of a file that has `size`; none where `end` is before `start`. */
export interface FilePart {
  path: string;
  size: number;
  /** Of a file outside of the store, which others can change (see `BlobPlace`). */
  stamp: FileStamp | null;
  start: number;
  end: number;
}

const parts = new WeakMap<Response, FilePart>();

/**
 * An answer whose body is a part of a file. `sendResponse` reads the file itself and never touches the body, which is
 * there for who takes any `Response`: the file is opened when the first byte is asked for. An answer to HEAD has none.
 */
export function fileResponse(part: FilePart, init: ResponseInit, isHead: boolean): Response {
  const isEmpty = isHead || part.end < part.start;
  const response = new Response(isEmpty ? null : lazyStream(readBlob(part, part)), init);
  parts.set(response, part);
  return response;
}

/** The part of a file that a response's body is; undefined for any other body. */
export function filePartOf(response: Response): FilePart | undefined {
  return parts.get(response);
}

/** A stream that takes nothing from its source before somebody reads it. */
function lazyStream(source: AsyncGenerator<Uint8Array>): ReadableStream {
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await source.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}

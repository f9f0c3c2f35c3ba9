import { Readable } from 'node:stream';

/**
 * Answers with pieces of text as a file to save, read no faster than the answer is taken. `filename` is of the program's own
 * making: ASCII, without quotes.
 */
export function serveStream(
  pieces: AsyncIterable<string>,
  { filename, mediaType }: { filename: string; mediaType: string },
): Response {
  const stream = Readable.toWeb(Readable.from(pieces, { objectMode: false }));
  return new Response(stream as ReadableStream, {
    headers: {
      'cache-control': 'private, no-store',
      'content-disposition': `attachment; filename="${filename}"`,
      'content-type': `${mediaType}; charset=utf-8`,
      'x-content-type-options': 'nosniff',
    },
  });
}

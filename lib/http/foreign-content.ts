export interface ForeignContent {
  filename: string;
  mediaType: string;
  content: Uint8Array;
}

/**
 * Answers with bytes that somebody uploaded. Pictures are shown; anything else is text to save. `next.config.js` gives
 * these routes a policy under which nothing in them can run.
 */
export function foreignContent({ filename, mediaType, content }: ForeignContent): Response {
  const isPicture = mediaType.startsWith('image/');
  return new Response(new Uint8Array(content), {
    headers: {
      'cache-control': 'private, max-age=3600',
      'content-disposition': `${isPicture ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(filename)}`,
      'content-type': isPicture ? mediaType : 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
  });
}

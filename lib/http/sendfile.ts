import type { IncomingMessage } from 'node:http';
import { relative, sep } from 'node:path';
import { config } from '../config.ts';
import { isFromTrustedProxy } from '../proxies/index.ts';
import { blobStore } from '../storage/index.ts';
import type { FilePart } from './file-response.ts';

/**
 * The answer that tells a trusted proxy to send the file itself, ranges and all; null where the settings name no such
 * proxy, or the request does not come straight from one. Whether the client may have the file, and whether it has it
 * already, is decided by then.
 */
export function leaveToProxy(
  { headers }: Response,
  { path, stamp }: FilePart,
  request: IncomingMessage,
): Response | null {
  const { sendfile, trustedProxies } = config();
  // A file that others can change is checked while it is sent.
  if (stamp !== null) return null;
  if (sendfile === null || !isFromTrustedProxy(request, trustedProxies)) return null;
  const left = new Headers(headers);
  // The proxy states these of what it sends; this answer has no body.
  left.delete('content-range');
  left.set('content-length', '0');
  left.set(
    sendfile.header,
    sendfile.header === 'x-sendfile' ? path : sendfile.prefix + relative(blobStore().folder, path).split(sep).join('/'),
  );
  return new Response(null, { status: 200, headers: left });
}

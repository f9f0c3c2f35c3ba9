import { RenderError } from '../render/index.ts';

/** Where a ComfyUI answers. */
export interface ComfyAddress {
  /** Without user and password: fit for messages. */
  shown: string;
  /** Of the path below the address, which may be behind a proxy under a path of its own. */
  http(path: string, query?: Record<string, string>): URL;
  socket(clientId: string): URL;
  headers: Record<string, string>;
}

/** Reads an address that people typed. Throws RenderError `bad_request` where it is none. */
export function readAddress(text: string): ComfyAddress {
  const base = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (base === null || (base.protocol !== 'http:' && base.protocol !== 'https:'))
    throw new RenderError(
      'bad_request',
      'The ComfyUI address must look like http://host:8188. Correct it in the settings.',
    );
  const headers: Record<string, string> = {};
  if (base.username !== '') {
    const pair = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  base.username = '';
  base.password = '';
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';

  const http = (path: string, query: Record<string, string> = {}) => {
    const url = new URL(path.replace(/^\//, ''), base);
    url.search = new URLSearchParams(query).toString();
    return url;
  };
  return {
    shown: base.href.replace(/\/$/, ''),
    http,
    headers,
    socket(clientId) {
      const url = http('ws', { clientId });
      url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
      return url;
    },
  };
}

import { handleAuth } from './handle-auth.ts';

/** Asks better-auth, with this body in place of the request's. */
export async function forward(request: Request, path: string, body: unknown): Promise<Response> {
  const { method } = request;
  const url = new URL(`/api/auth/${path}${new URL(request.url).search}`, request.url);
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  if (method !== 'GET') headers.set('content-type', 'application/json');
  return handleAuth(new Request(url, { method, headers, body: method === 'GET' ? null : JSON.stringify(body) }));
}

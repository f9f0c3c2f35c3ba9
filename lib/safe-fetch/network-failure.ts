import { RemoteError } from './errors.ts';

/** What Node reports of a connection, in words. What is a RemoteError already, or no error of a network, stays. */
export function describeFailure(url: { host: string }, error: unknown): unknown {
  // Codes of the HTTP parser and of OpenSSL are none of the system's.
  if (error instanceof RemoteError || !(error instanceof Error) || !('code' in error)) return error;
  const { code } = error;
  if (typeof code !== 'string') return error;
  const cause = { cause: error };
  if (code === 'HPE_HEADER_OVERFLOW')
    return new RemoteError('headers', `${url.host} sent more headers than are accepted.`, cause);
  if (code.startsWith('HPE_'))
    return new RemoteError('protocol', `${url.host} sent an answer that is not HTTP (${code}).`, cause);
  if (isCertificateError(code))
    return new RemoteError('certificate', `The certificate of ${url.host} is not valid (${code}).`, cause);
  if (code === 'ECONNREFUSED') return new RemoteError('connection', `${url.host} does not accept connections.`, cause);
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return new RemoteError('cut-off', `${url.host} closed the connection before the end.`, cause);
  return new RemoteError('connection', `${url.host} cannot be reached (${code}).`, cause);
}

/** Codes of OpenSSL's verification, and of Node's check of the name. */
function isCertificateError(code: string): boolean {
  return /^ERR_(?:TLS|SSL)_|CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH|^DEPTH_ZERO|^INVALID_CA|^CRL_/.test(code);
}

/**
 * What goes wrong with a download, and whether the same request may go well another time.
 */
const FAULTS = {
  /** The address is no address that may be asked for. */
  address: 'permanent',
  /** An administrator has not allowed the host. */
  'host-not-allowed': 'permanent',
  /** The host is on a private network, or the address is that of a cloud's metadata. */
  'private-address': 'permanent',
  'unknown-host': 'temporary',
  connection: 'temporary',
  certificate: 'permanent',
  redirect: 'permanent',
  'too-slow': 'temporary',
  /** The connection ended before the file did. */
  'cut-off': 'temporary',
  protocol: 'temporary',
  headers: 'permanent',
  encoding: 'permanent',
  'too-large': 'permanent',
  /** 401 and 403. */
  denied: 'permanent',
  missing: 'permanent',
  refused: 'permanent',
  busy: 'temporary',
  /** A web page or an error in place of the file. */
  'not-a-file': 'permanent',
  /** What an API answers is not what it is known to answer. */
  'unknown-answer': 'permanent',
  /** The source names another digest or size than the bytes have. */
  digest: 'permanent',
} as const satisfies Record<string, 'permanent' | 'temporary'>;

export type RemoteFault = keyof typeof FAULTS;

interface RemoteErrorOptions extends ErrorOptions {
  retryAfter?: number | null;
}

/** A download that did not go well. The message is written for the person who asked for it, and names no secret. */
export class RemoteError extends Error {
  readonly fault: RemoteFault;
  /** Seconds after which the server wants to be asked again; null where it says nothing. */
  readonly retryAfter: number | null;

  constructor(fault: RemoteFault, message: string, { retryAfter = null, ...options }: RemoteErrorOptions = {}) {
    super(message, options);
    this.name = 'RemoteError';
    this.fault = fault;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may go well later. */
  get isTemporary(): boolean {
    return FAULTS[this.fault] === 'temporary';
  }
}

import { errorMessageOf } from '#lib/error-answer.ts';

/** Everything that can end an attempt to send a file. */
export type FailureKind =
  | 'offline'
  | 'unavailable'
  | 'too_many'
  | 'server_error'
  | 'conflict'
  | 'locked'
  | 'signed_out'
  | 'forbidden'
  | 'gone'
  | 'too_large'
  | 'unsupported'
  | 'rejected'
  | 'no_room'
  | 'invalid'
  | 'unreadable';

/** What a person can do about a failure, apart from removing the file from the list. */
export type FailureAction = 'retry' | 'sign-in' | 'start-over' | 'select-again';

export interface FailureFacts {
  /** What the row shows first. */
  label: string;
  /** What it shows where the server gave no reason. */
  reason: string;
  /** Attempts that follow by themselves: none where nothing gets better by itself. */
  retries: number;
  /** True where it holds for every file, so that those behind it wait as well instead of failing one after the other. */
  holdsAll: boolean;
  action: FailureAction | null;
  /** True where the server's words are about its protocol, and help nobody. */
  hidesServerWords?: true;
}

const ALWAYS = Number.POSITIVE_INFINITY;

export const FAILURES: Record<FailureKind, FailureFacts> = {
  offline: {
    label: 'No connection',
    reason: 'The server does not respond.',
    retries: ALWAYS,
    holdsAll: true,
    action: 'retry',
  },
  unavailable: {
    label: 'Server not available',
    reason: 'The server cannot receive files at the moment.',
    retries: ALWAYS,
    holdsAll: true,
    action: 'retry',
  },
  too_many: {
    label: 'Too many requests',
    reason: 'The server asks to wait.',
    retries: ALWAYS,
    holdsAll: true,
    action: 'retry',
  },
  server_error: {
    label: 'Server error',
    reason: 'The server could not store the data.',
    retries: 5,
    holdsAll: false,
    action: 'retry',
  },
  conflict: {
    label: 'Upload interrupted',
    reason: 'The server has received a different part of the file.',
    retries: 8,
    holdsAll: false,
    action: 'retry',
    hidesServerWords: true,
  },
  locked: {
    label: 'Upload busy',
    reason: 'The server is still processing the previous part of the file.',
    retries: ALWAYS,
    holdsAll: false,
    action: 'retry',
    hidesServerWords: true,
  },
  signed_out: {
    label: 'Signed out',
    reason: 'Sign in again: the upload resumes where it stopped.',
    retries: 0,
    holdsAll: true,
    action: 'sign-in',
    hidesServerWords: true,
  },
  forbidden: {
    label: 'No permission',
    reason: 'Your account may not upload this file. Ask an administrator.',
    retries: 0,
    holdsAll: false,
    action: 'retry',
  },
  gone: {
    label: 'Upload not found',
    reason: 'The server no longer has this upload: it was cancelled or has expired.',
    retries: 0,
    holdsAll: false,
    action: 'start-over',
  },
  too_large: {
    label: 'Too large',
    reason: 'The file is larger than the server accepts.',
    retries: 0,
    holdsAll: false,
    action: 'retry',
  },
  unsupported: {
    label: 'Not supported',
    reason: 'The server does not accept this upload.',
    retries: 0,
    holdsAll: false,
    action: null,
  },
  rejected: {
    label: 'Upload rejected',
    reason: 'The server rejected the file after it was received.',
    retries: 0,
    holdsAll: false,
    action: 'start-over',
  },
  no_room: {
    label: 'Server full',
    reason: 'The server does not have enough disk space. Contact the administrator.',
    retries: 0,
    holdsAll: false,
    action: 'retry',
  },
  invalid: {
    label: 'Upload refused',
    reason: 'The server did not accept the request.',
    retries: 0,
    holdsAll: false,
    action: null,
  },
  unreadable: {
    label: 'File not readable',
    reason: 'The file on this computer was changed, moved or deleted.',
    retries: 0,
    holdsAll: false,
    action: 'select-again',
  },
};

/** Statuses with a meaning of their own; what is not here follows from its class. */
const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = {
  401: 'signed_out',
  403: 'forbidden',
  404: 'gone',
  408: 'unavailable',
  409: 'conflict',
  410: 'gone',
  413: 'too_large',
  415: 'unsupported',
  422: 'rejected',
  423: 'locked',
  425: 'unavailable',
  429: 'too_many',
  // What tus answers when a file that was received whole is refused.
  460: 'rejected',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
  507: 'no_room',
};

/** One failed attempt. */
export interface Failure {
  kind: FailureKind;
  /** A sentence for people. */
  reason: string;
  /** Seconds after which the server wants to be asked again; null where it does not say. */
  retryAfter: number | null;
}

/** What an answer of the server says about the attempt; no answer at all is status 0. */
export interface Answer {
  status: number;
  body: string;
  /** The header `Retry-After`. */
  retryAfter: string | null;
}

export function failureOf({ status, body, retryAfter }: Answer, now = Date.now()): Failure {
  const kind = KIND_OF_STATUS[status] ?? kindOfClass(status);
  const { label, reason, hidesServerWords = false } = FAILURES[kind];
  const said = hidesServerWords ? null : readReason(body);
  // What the label says already is no reason.
  const isKnown = said === null || said === `${label}.`;
  return { kind, reason: isKnown ? reason : said, retryAfter: readRetryAfter(retryAfter, now) };
}

/** A failure that no answer of the server tells of. */
export function failureHere(kind: FailureKind): Failure {
  return { kind, reason: FAILURES[kind].reason, retryAfter: null };
}

function kindOfClass(status: number): FailureKind {
  if (status === 0) return 'offline';
  return status >= 500 ? 'server_error' : 'invalid';
}

/** The server's own sentence: as JSON, or as text the way tus sends it. A page, such as a proxy's, is none. */
function readReason(body: string): string | null {
  const message = errorMessageOf(body);
  if (message !== null) return message;
  const text = body.trim();
  return text !== '' && text.length < 1000 && !/[<{]/.test(text) ? text : null;
}

function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

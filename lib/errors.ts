/** Stable codes of the errors a person or a program may see, and the HTTP status each is answered with. */
export const ERROR_STATUS = {
  bad_request: 400,
  not_signed_in: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  /** What it was is known, and that it is no longer there. */
  gone: 410,
  too_large: 413,
  /** An account has what it may have. */
  over_quota: 413,
  unsupported: 415,
  too_many: 429,
  /** A fault of the program; what it says stands in the log alone. */
  internal: 500,
  unavailable: 503,
  no_room: 507,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

interface AppErrorOptions extends ErrorOptions {
  retryAfter?: number | null;
}

/** An error whose message is written for the person who meets it: one plain sentence that says what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Seconds after which it may be tried again, where that is known. */
  readonly retryAfter: number | null;

  constructor(code: ErrorCode, message: string, { retryAfter = null, ...options }: AppErrorOptions = {}) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

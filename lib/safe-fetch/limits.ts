/** What one request may take. Times are milliseconds, sizes bytes. */
export interface FetchLimits {
  /** Name, connection, TLS and all headers, for each redirect anew. */
  headersMs: number;
  /** In each such period… */
  periodMs: number;
  /** …so many bytes must come. */
  leastBytes: number;
  /** The whole request, redirects included. */
  totalMs: number;
  /** All headers of one answer. */
  headerBytes: number;
  redirects: number;
}

/** Of a file: a day is enough for 64 GiB at 800 kB/s. */
export const FILE_LIMITS: FetchLimits = {
  headersMs: 60_000,
  periodMs: 60_000,
  leastBytes: 64 * 1024,
  totalMs: 24 * 3_600_000,
  headerBytes: 32 * 1024,
  redirects: 8,
};

/** Of what an API says, and of images. */
export const ANSWER_LIMITS: FetchLimits = {
  ...FILE_LIMITS,
  headersMs: 30_000,
  periodMs: 30_000,
  leastBytes: 1,
  totalMs: 120_000,
};

/** The largest answer of an API, in bytes. Repositories with ten thousand files have some megabytes of them. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

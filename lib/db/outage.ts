/** Prisma's own codes for a database that is not reached, has closed the connection, or has none left. */
const PRISMA_CODES = /^P(1001|1002|1008|1011|1017|2024|2028|2037)$/;
/** SQLSTATE of connection exceptions (class 08), of a server that stops, restarts or recovers, and of too many connections. */
const SQL_STATES = /^(08...|57P0[1-5]|53300)$/;
/** What the system says of a connection; of pg-boss's and our own, because a failed `fetch` has it as its cause alone. */
const SYSTEM_CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** Kinds of the driver adapter's errors. */
const KINDS = /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/;
/** What `pg` says without a code. */
const MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Query read timeout)/;

interface Cause {
  code?: unknown;
  kind?: unknown;
  message?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: unknown };
}

/** Whether something failed because the database was away, and may succeed once it is back. */
export function isDatabaseOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code } = error as Cause;
  return (typeof code === 'string' && SYSTEM_CODES.test(code)) || isOutage(error, 5);
}

/** `depth`: how many causes behind it are looked at, because each library wraps the errors of the one below. */
function isOutage(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const { code, kind, message, cause, meta } = error as Cause;
  if (typeof code === 'string' && (PRISMA_CODES.test(code) || SQL_STATES.test(code))) return true;
  if (typeof kind === 'string' && KINDS.test(kind)) return true;
  if (typeof message === 'string' && MESSAGES.test(message)) return true;
  return isOutage(cause, depth - 1) || isOutage(meta?.driverAdapterError, depth - 1);
}

/** Whether a statement was ended because it took too long. */
export function isStatementTimeout(error: unknown): boolean {
  const { message = '', meta } = (error ?? {}) as Cause;
  return `${String(message)} ${JSON.stringify(meta ?? '')}`.includes(STATEMENT_TIMEOUT);
}

/** PostgreSQL's words, which it says in the language of its own settings; its code stands beside them. */
const STATEMENT_TIMEOUT = '57014';

/** What people are told of it. */
export const DATABASE_AWAY = 'The database is not available at the moment. Try again in a few seconds.';

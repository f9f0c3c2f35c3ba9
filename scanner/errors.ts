/**
 * A file that cannot be read, converted, verified or merged as it is. The message is one plain sentence about the file, for
 * people; every other error is a fault of the program or of the machine.
 */
export class FileError extends Error {
  override name = 'FileError';
}

/** A file is not the one that it was when its stamp was taken, or its bytes are others than its SHA-256 says. */
export class FileChangedError extends FileError {
  override name = 'FileChangedError';
}

/** Codes of the system (`ENOENT`), of Node (`ERR_…`) and of its libraries; our own and those of databases are others. */
const SYSTEM_CODE = /^(E|UND_ERR_|Z_|ZSTD_)\w+$/;

/** Whether an error comes from the system or from Node, with one of `codes` where some are named. */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException & { code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return codes.length === 0 ? SYSTEM_CODE.test(error.code) : codes.includes(error.code);
}

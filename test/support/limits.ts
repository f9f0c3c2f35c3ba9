/** What ends a test that hangs, in milliseconds. Far above what anything takes, on a machine many times slower too. */
export const HANG_MS = 10 * 60_000;

/** What every command but `scan` exits with; `scan` has the verdicts' codes (scanner/report). */
export const EXIT_FAILED = 2;
/** The command was not called as it wants to be (EX_USAGE of sysexits.h). */
export const EXIT_USAGE = 64;
/** Stopped by Ctrl-C or another signal, after what was half-written was removed. */
export const EXIT_INTERRUPTED = 130;

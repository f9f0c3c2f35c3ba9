/** Resolves on Ctrl-C, on SIGTERM, and when the supervisor that started this process is gone. */
export function waitForStopRequest(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    process.once('disconnect', () => resolve());
  });
}

const BEAT_MS = 2000;

/** What a process of the service tells its supervisor: that its event loop turns, and that it can do its work. */
export type SignOfLife = 'alive' | 'ready';

export function isSignOfLife(message: unknown): message is SignOfLife {
  return message === 'alive' || message === 'ready';
}

/**
 * Tells the supervisor from now on that this process is alive; the returned function tells it once that the process is
 * ready. Nothing where no supervisor started it.
 */
export function showLife(): () => void {
  const tell = (sign: SignOfLife) => {
    // A supervisor that is gone is noticed elsewhere.
    if (process.connected) process.send?.(sign, undefined, undefined, () => {});
  };
  tell('alive');
  setInterval(() => tell('alive'), BEAT_MS).unref();
  return () => tell('ready');
}

// Plain JavaScript: `npm start -- --help` prints these before anything is installed.

/** With which codes `npm start`, and the parts of the service that run apart, end. */
export const EXIT = {
  /** Stopped when asked to. */
  stopped: 0,
  /** It could not start. */
  noStart: 1,
  usage: 64,
  /** The embedded PostgreSQL could not be kept running. */
  database: 69,
  /** The web server or the worker could not be kept running. */
  process: 70,
};

/** What each code means, for people. */
export const EXIT_MEANINGS = {
  [EXIT.stopped]: 'stopped on request (Ctrl-C, SIGTERM)',
  [EXIT.noStart]: 'could not start, or was ended by the system; the last line says why',
  [EXIT.usage]: 'unknown option',
  [EXIT.database]: 'the embedded PostgreSQL ended and could not be restarted',
  [EXIT.process]: 'the web server or the worker ended and could not be restarted',
};

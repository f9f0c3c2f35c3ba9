// The flags of Node that every process has which reads what strangers made, whatever else it may do. The permission model
// (`--permission`) leaves out parts of Node that go past it, and these take them away. None is a flag of V8: with one, Node
// compiles all its own modules anew.
export const SANDBOX_FLAGS = [
  // It opens files in code of its own: `ATTACH`, `VACUUM INTO` and `backup()` wrote anywhere.
  '--no-experimental-sqlite',
  // Calls functions of any library.
  '--no-experimental-ffi',
  '--no-webstorage',
  '--no-experimental-websocket',
  // Another process could open a debugger in this one by a signal.
  '--disable-sigusr1',
];

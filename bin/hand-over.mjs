// Lets another Node carry out the command: the one that the project brings, or one with fewer rights.
const { constants } = process.getBuiltinModule('node:os');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Never returns to the caller: this process becomes the other or, where it cannot, ends as the other does. */
export async function handOver(command, args, env, fail) {
  if (process.platform !== 'win32' && process.execve !== undefined) process.execve(command, [command, ...args], env);

  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(command, args, { stdio: 'inherit', env });
  // The terminal may be closed.
  process.stderr.on('error', () => {});
  let received = null;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      received ??= signal;
      // A terminal tells the command of Ctrl-C as well, a build server does not. SIGTERM next to it harms no command,
      // while on Windows it would cut short what the command does about Ctrl-C.
      if (process.platform !== 'win32') child.kill('SIGTERM');
    });
  }
  child.on('error', (error) => fail(`weighhouse: ${command} cannot be run (${error.message}).`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? undefined);
    // Ends as the command did: whoever reads the exit status must not take a scan that was stopped for one that is done.
    const name = received ?? signal;
    for (const each of SIGNALS) process.removeAllListeners(each);
    process.exitCode = 128 + (constants.signals[name] ?? 0);
    process.kill(process.pid, name);
  });
}

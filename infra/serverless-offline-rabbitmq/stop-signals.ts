/** npm hands Ctrl-C on to a process that the terminal has told already: both are one press. */
const ONE_PRESS_MS = 500;

/** Aborts at the first stop signal; the second one ends the process at once. */
export function listenForStop(): AbortSignal {
  const stop = new AbortController();
  let stoppedAt = 0;
  const onSignal = (): void => {
    if (!stop.signal.aborted) {
      stoppedAt = performance.now();
      stop.abort();
    } else if (performance.now() - stoppedAt > ONE_PRESS_MS) {
      process.exit(1);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  // serverless-offline does not know that a terminal can be closed.
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));
  return stop.signal;
}

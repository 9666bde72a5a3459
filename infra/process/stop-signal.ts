/** npm forwards Ctrl-C to a process that has already received it from the terminal: both are one key press. */
const ONE_PRESS_MS = 500;

/** Aborts at the first stop signal; a second one ends the process at once. */
export function stopSignal(): AbortSignal {
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
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return stop.signal;
}

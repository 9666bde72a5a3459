/** The child's side of `Child`: reports that it is ready, then answers requests. Ends when its parent does. */
export function serveParent(answers: Readonly<Record<string, (argument: never) => unknown>>): void {
  process.on('message', ({ ask, argument }: { ask: string; argument: unknown }) => {
    const answer = answers[ask] as (argument: unknown) => unknown;
    Promise.resolve()
      .then(() => answer(argument))
      .then(
        (value) => process.send?.({ value }),
        (error: unknown) =>
          process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  // Not a plain end, because only an exit writes the profile of --cpu-prof.
  process.on('disconnect', () => process.exit());
  process.send?.({ value: 'ready' });
}

/** What a child reports about its use of the machine. */
export interface Usage {
  readonly cpuMicros: number;
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system };
}

/** Bytes in use after a collection; the process needs --expose-gc. */
export function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

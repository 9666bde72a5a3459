/** Runs a function when it is its turn, and returns its result. */
export type Turn = <Result>(run: () => Promise<Result>) => Promise<Result>;

/** Grants turns in the order of requests, one at a time. */
export function oneAtATime(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const result = last.then(run);
    last = result.catch(() => undefined);
    return result;
  };
}

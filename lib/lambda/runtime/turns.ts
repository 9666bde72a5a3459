/** Runs something when it is its turn, and gives what that gives. */
export type Turn = <Result>(run: () => Promise<Result>) => Promise<Result>;

/** Turns in the order of asking, one at a time. */
export function oneAtATime(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const result = last.then(run);
    last = result.catch(() => undefined);
    return result;
  };
}

/** Waits for `work` at most `ms`. @throws DeadlineError when the time is up; `work` continues unobserved */
export function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError(ms)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  constructor(ms: number) {
    super(`not done within ${Math.round(ms)} ms`);
  }
}

import yoctoSpinner, { type Spinner } from 'yocto-spinner';
import type { Progress } from '../broker/progress.js';
import { printableLine } from '../terminal/printable.js';
import { notice } from './command-line.js';

let spinner: Spinner | undefined;
let shown = '';

/** Shows on stderr what takes a while: a spinner for people, a line per step for logs. */
export function showProgress({ step, done, total }: Progress): void {
  const percent = done !== undefined && total ? ` ${Math.floor((100 * done) / total)} %` : '';
  if (isWatched()) {
    spinner ??= yoctoSpinner({ stream: process.stderr }).start();
    spinner.text = printableLine(step) + percent;
  } else if (step !== shown) {
    notice(step);
  }
  shown = step;
}

/** The same for steps that can be counted; only for people. */
export function showCount(unit: string, total: number): (done: number) => void {
  const startedAt = performance.now();
  const update = (done: number): void => {
    const perSecond = Math.round((1000 * done) / Math.max(1, performance.now() - startedAt));
    const percent = Math.floor((100 * done) / total);
    if (isWatched()) showProgress({ step: `${percent} %, ${done} of ${total} ${unit}, ${perSecond} per second` });
  };
  update(0);
  return update;
}

/** Clears the spinner's line. */
export function endProgress(): void {
  spinner?.stop();
  spinner = undefined;
}

/** The spinner draws on terminals that can move their cursor, but not in CI. */
function isWatched(): boolean {
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb' && !('CI' in process.env);
}

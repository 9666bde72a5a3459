import yoctoSpinner, { type Spinner } from 'yocto-spinner';
import type { Progress } from '../broker/progress.js';
import { notice } from './command-line.js';

let spinner: Spinner | undefined;
let shown = '';

/** Shows on stderr what takes a while: a spinner for people, a line per step for logs. */
export function showProgress({ step, done, total }: Progress): void {
  const percent = done !== undefined && total ? ` ${Math.floor((100 * done) / total)} %` : '';
  if (process.stderr.isTTY) {
    spinner ??= yoctoSpinner({ stream: process.stderr }).start();
    spinner.text = step + percent;
  } else if (step !== shown) {
    notice(step);
  }
  shown = step;
}

/** Clears the spinner's line. */
export function endProgress(): void {
  spinner?.stop();
  spinner = undefined;
}

import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;

/**
 * Under npm or npx a shell stands between npm and us and passes no signal on, so whoever ends npm would leave us running. When
 * npm or the shell has gone, this process therefore sends itself SIGTERM, once. If it was started in any other way, nothing is
 * watched: a process may outlive the shell that started it.
 */
export function stopWithNpm(): void {
  if (process.env['npm_command'] === undefined) return;
  const started = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === started) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  timer.unref();
}

/** Parent and grandparent; an orphan's parent changes. */
function ancestors(): string {
  return `${process.ppid} ${parentOf(process.ppid)}`;
}

/** Linux provides this; on systems that do not, the shell is watched but npm is not. */
function parentOf(pid: number): string {
  try {
    return /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

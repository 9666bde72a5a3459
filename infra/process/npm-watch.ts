import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;

/**
 * Under npm or npx a shell stands between npm and us, and passes no signal on: who ends npm would leave us running.
 * So when npm or the shell has gone, this process sends itself SIGTERM, once. Started in any other way, nothing is
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

/** Parent and grandparent; an orphan's parent is another one than before. */
function ancestors(): string {
  return `${process.ppid} ${parentOf(process.ppid)}`;
}

/** Linux tells; where the system does not, the shell is watched and npm is not. */
function parentOf(pid: number): string {
  try {
    return /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

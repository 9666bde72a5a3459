import { spawn } from 'node:child_process';

/** Ends processes after this one has ended, however it ended. */
export interface Lifeline {
  /** Says which processes to end, in that order; each call replaces the list of the one before. */
  watch(pids: readonly (number | undefined)[]): void;
  /** Forgets the list; nothing is ended any more. */
  release(): void;
}

// Only we hold the other end of its standard input, so `read` fails when we are gone, kill -9 included.
// PR_SET_PDEATHSIG would do on Linux alone, and follows the thread that spawned, not the process.
// Erlang drops a SIGTERM that comes early in its boot, so it is sent again each second. A zombie counts as ended: not every first process of a container reaps.
const WATCH_SCRIPT = `
runs() { kill -0 "$1" && ! grep -qs '^State:.Z' "/proc/$1/status"; }
pids=
while read -r line; do pids=$line; done
for pid in $pids; do
  tries=0
  while runs "$pid" && [ "$tries" -lt 150 ]; do
    [ $((tries % 10)) -eq 0 ] && kill -TERM "$pid"
    tries=$((tries + 1))
    sleep 0.1
  done
  kill -KILL "$pid"
done 2>/dev/null
`;

/** Starts the watching shell. It is in a session of its own: what kills our process group does not kill it. */
export function startLifeline(environment: NodeJS.ProcessEnv): Lifeline {
  const shell = spawn('/bin/sh', ['-c', WATCH_SCRIPT, 'lifeline'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: environment,
  });
  shell.unref();
  // A shell that could not start or was killed shows as an error here; the processes still run and are stopped by us.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  return {
    watch(pids) {
      shell.stdin.write(`${pids.filter((pid) => pid !== undefined).join(' ')}\n`);
    },
    release() {
      shell.stdin.end('\n');
    },
  };
}

import { spawn } from 'node:child_process';

/** Ends processes after this one has ended, however it ended. */
export interface Lifeline {
  /** Sets the processes to end, in order; each call replaces the previous list. */
  watch(pids: readonly (number | undefined)[]): void;
  /** Clears the list, so that nothing is ended any more. */
  release(): void;
}

// Only we hold the other end of its standard input, so `read` fails when we are gone, even after kill -9. PR_SET_PDEATHSIG exists
// on Linux only, and follows the thread that spawned rather than the process. Erlang ignores a SIGTERM early in its boot, so it
// is sent again each second. A zombie counts as ended, because not every first process of a container reaps its children.
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

/** Starts the watching shell, in a session of its own, so that killing our process group does not kill it. */
export function startLifeline(environment: NodeJS.ProcessEnv): Lifeline {
  const shell = spawn('/bin/sh', ['-c', WATCH_SCRIPT, 'lifeline'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: environment,
  });
  shell.unref();
  // A shell that could not start or was killed shows up as an error here; the processes keep running and are stopped by us.
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

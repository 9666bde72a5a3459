import { Worker } from 'node:worker_threads';
import { type Backoff, backoffDelay, pause } from '../../lib/waiting/backoff.js';
import { createHeartbeat, listenToHeart } from './heartbeat.js';
import type { FromThread, ThreadWork } from './thread-work.js';

export interface ThreadOptions {
  readonly work: Omit<ThreadWork, 'heartbeat'>;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly onMessage: (message: FromThread) => void;
  /** It ended unexpectedly. */
  readonly onEnd: (reason: string, againInMs: number) => void;
  readonly signal: AbortSignal;
}

/** A thread that runs until the signal aborts: however it ends, it is started again. */
export interface SupervisedThread {
  /** Ends the running thread after its batch, and starts it with the current handler. */
  reload(): Promise<void>;
  /** Resolves when the signal has aborted and the thread has ended. */
  readonly ended: Promise<void>;
}

const BACKOFF: Backoff = { firstMs: 200, maxMs: 10_000 };

export function superviseThread(options: ThreadOptions): SupervisedThread {
  const { onEnd, signal } = options;
  let thread: RunningThread | undefined;
  let reloading = false;
  let waiting = new AbortController();

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = performance.now();
      reloading = false;
      thread = startThread(options);
      const stop = thread.stop;
      signal.addEventListener('abort', stop, { once: true });
      const reason = await thread.ended;
      signal.removeEventListener('abort', stop);
      thread = undefined;
      if (signal.aborted) return;
      if (reloading) continue;
      if (performance.now() - startedAt > BACKOFF.maxMs) failures = 0;
      const delayMs = Math.round(backoffDelay(failures++, BACKOFF));
      onEnd(reason, delayMs);
      waiting = new AbortController();
      await pause(delayMs, AbortSignal.any([signal, waiting.signal]));
    }
  }

  return {
    reload: async () => {
      reloading = true;
      waiting.abort();
      await thread?.stop();
    },
    ended: run(),
  };
}

/** One worker thread, from its start to its end. */
interface RunningThread {
  /** Resolves when it has ended, with the reason; never rejects. */
  readonly ended: Promise<string>;
  /** Lets it finish its running batches; ends it if that takes longer than a batch may. */
  readonly stop: () => Promise<void>;
}

const START_PATIENCE_MS = 30_000;
/** A handler may occupy its thread for as long as its timeout; this allowance is for a slow machine. */
const GRACE_MS = 2_000;

/** Starts a thread; one that hangs in a loop is ended. */
function startThread({ work, environment, memoryMb, onMessage }: ThreadOptions): RunningThread {
  const heartbeat = createHeartbeat();
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { ...work, heartbeat } satisfies ThreadWork,
    env: environment,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  let reason: string | undefined;
  const end = (because: string): void => {
    reason ??= because;
    void worker.terminate();
  };
  const runningMs = work.timeoutMs + GRACE_MS;
  const patience = { startMs: START_PATIENCE_MS, runningMs: work.untimed ? Number.POSITIVE_INFINITY : runningMs };
  const stopListening = listenToHeart(heartbeat, patience, () =>
    end(`hung for longer than its timeout of ${work.timeoutMs / 1000} s`),
  );
  worker.on('message', onMessage);
  worker.on('error', (error: unknown) => {
    reason ??= error instanceof Error ? error.message : String(error);
  });
  const ended = new Promise<string>((resolve) => {
    worker.once('exit', (code) => {
      stopListening();
      resolve(reason ?? `exit code ${code}`);
    });
  });
  return {
    ended,
    stop: async () => {
      worker.postMessage('stop');
      const timer = setTimeout(() => end('did not finish its batch in time'), runningMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

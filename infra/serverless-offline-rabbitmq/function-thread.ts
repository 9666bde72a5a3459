import { Worker } from 'node:worker_threads';
import { createHeartbeat, listenToHeart } from './heartbeat.js';
import type { FromThread, ThreadWork, ToThread } from './thread-work.js';

export interface ThreadOptions {
  readonly work: Omit<ThreadWork, 'heartbeat'>;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly onMessage: (message: FromThread) => void;
}

/** One worker thread, from its start to its end. */
export interface FunctionThread {
  /** Resolves when it has ended, with why; never rejects. */
  readonly ended: Promise<string>;
  tell(message: ToThread): void;
  /** Lets it finish its running batches; where that takes longer than a batch may, ends it. */
  stop(): Promise<void>;
}

const START_PATIENCE_MS = 30_000;
/** A handler may keep its thread busy for as long as its timeout; this is for a slow machine. */
const GRACE_MS = 2_000;

/** Starts a thread; one that hangs in a loop is ended. */
export function startThread({ work, environment, memoryMb, onMessage }: ThreadOptions): FunctionThread {
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
  const stopListening = listenToHeart(heartbeat, { startMs: START_PATIENCE_MS, runningMs }, () =>
    end(`hung for longer than its timeout of ${work.timeoutMs / 1000} s`),
  );
  worker.on('message', onMessage);
  worker.on('error', (error) => {
    reason ??= messageOf(error);
  });
  const ended = new Promise<string>((resolve) => {
    worker.once('exit', (code) => {
      stopListening();
      resolve(reason ?? `exit code ${code}`);
    });
  });
  return {
    ended,
    tell: (message) => worker.postMessage(message),
    stop: async () => {
      worker.postMessage({ kind: 'stop' } satisfies ToThread);
      const timer = setTimeout(() => end('did not finish its batch in time'), runningMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { type Backoff, backoffDelay, pause } from '../../lib/rabbitmq/connection/backoff.js';
import { type FunctionThread, startThread, type ThreadOptions } from './function-thread.js';

export interface Supervision {
  /** Asked before every start, so that a thread gets what is true then. */
  readonly options: () => ThreadOptions;
  readonly onEnd: (reason: string, delayMs: number) => void;
  readonly signal: AbortSignal;
}

/** A thread that is there until the signal aborts: whatever ends it, it is started again. */
export interface SupervisedThread {
  /** Ends the running thread after its batch, and starts it with the handler as it is now. */
  reload(): Promise<void>;
  connectTo(amqpUrl: string): void;
  /** Resolves when the signal has aborted and the thread is gone. */
  readonly ended: Promise<void>;
}

const BACKOFF: Backoff = { firstMs: 200, maxMs: 10_000 };

export function superviseThread({ options, onEnd, signal }: Supervision): SupervisedThread {
  let thread: FunctionThread | undefined;
  let reloading = false;

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = performance.now();
      reloading = false;
      thread = startThread(options());
      const reason = await endOf(thread);
      thread = undefined;
      if (signal.aborted) return;
      if (reloading) continue;
      if (performance.now() - startedAt > BACKOFF.maxMs) failures = 0;
      const delayMs = Math.round(backoffDelay(failures++, BACKOFF));
      onEnd(reason, delayMs);
      await pause(delayMs, signal);
    }
  }

  async function endOf(thread: FunctionThread): Promise<string> {
    const stop = (): void => void thread.stop();
    signal.addEventListener('abort', stop, { once: true });
    const reason = await thread.ended;
    signal.removeEventListener('abort', stop);
    return reason;
  }

  return {
    reload: async () => {
      reloading = true;
      await thread?.stop();
    },
    connectTo: (amqpUrl) => thread?.tell({ kind: 'connect', amqpUrl }),
    ended: run(),
  };
}

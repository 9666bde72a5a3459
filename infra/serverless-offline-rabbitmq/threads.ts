import { setMaxListeners } from 'node:events';
import { batchLine } from './batch-line.js';
import { watchLoadedFiles } from './loaded-files.js';
import type { Print } from './serverless.js';
import type { ServiceFunction } from './service-functions.js';
import type { Settings } from './settings.js';
import { type SupervisedThread, superviseThread } from './supervised-thread.js';
import type { FromThread, QueueWork } from './thread-work.js';

export interface Threads {
  /** Resolves when every queue is subscribed to. */
  readonly ready: Promise<void>;
  connectTo(amqpUrl: string): void;
  /** Resolves when the signal has aborted and every thread is gone. */
  readonly ended: Promise<void>;
}

export interface ThreadsOptions {
  readonly functions: readonly ServiceFunction[];
  readonly amqpUrl: string;
  readonly settings: Settings;
  readonly print: Print;
  readonly signal: AbortSignal;
}

/** Runs the threads of all functions until the signal aborts. */
export function startThreads({ functions, settings, print, signal, ...options }: ThreadsOptions): Threads {
  let { amqpUrl } = options;
  setMaxListeners(0, signal);
  const awaited = new Set(functions.flatMap(({ triggers }) => triggers.map(({ queue }) => queue)));
  let becomeReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });

  const threads = functions.flatMap((served) => {
    const { functionKey, handler } = served;
    const own = shareOut(served.triggers, settings.threadsPerFunction).map((queues) => start(served, queues));
    const reload = (): void => {
      print.notice(`${functionKey}: its code has changed; reloading`);
      for (const thread of own) void thread.reload();
    };
    void watchLoadedFiles(handler.file, reload, signal);
    return own;
  });

  function start({ functionKey, name, ...served }: ServiceFunction, queues: readonly QueueWork[]): SupervisedThread {
    const { handler, timeoutMs, memoryMb, environment } = served;
    const { prefetch, attempts } = settings;
    const changelog = settings.changelog.includes(functionKey);
    const onMessage = (message: FromThread): void => {
      if (message.kind === 'batch') print.notice(batchLine(functionKey, message.batch));
      if (message.kind === 'trouble') print[message.trouble.level](`${functionKey} ${message.trouble.text}`);
      if (message.kind === 'subscribed' && awaited.delete(message.queue) && awaited.size === 0) becomeReady();
    };
    return superviseThread({
      options: () => ({
        work: { functionName: name, handler, timeoutMs, queues, amqpUrl, prefetch, attempts, changelog },
        environment: { ...environment, AMQP_URL: amqpUrl },
        memoryMb,
        onMessage,
      }),
      onEnd: (reason, delayMs) =>
        print.error(
          `${functionKey} (${queues.map(({ queue }) => queue).join(', ')}) ended: ${reason}; again in ${delayMs} ms`,
        ),
      signal,
    });
  }

  return {
    ready,
    connectTo: (changed) => {
      amqpUrl = changed;
      for (const thread of threads) thread.connectTo(changed);
    },
    ended: Promise.all(threads.map(({ ended }) => ended)).then(() => undefined),
  };
}

/** Deals things out into at most so many hands. */
function shareOut<Thing>(things: readonly Thing[], hands: number): Thing[][] {
  const dealt: Thing[][] = Array.from({ length: Math.min(hands, things.length) }, () => []);
  for (const [index, thing] of things.entries()) dealt[index % dealt.length]?.push(thing);
  return dealt;
}

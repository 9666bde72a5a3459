import { setMaxListeners } from 'node:events';
import type { ServiceFunction } from './functions.js';
import { watchLoadedFiles } from './loaded-files.js';
import type { Print } from './serverless.js';
import type { Settings } from './settings.js';
import { type SupervisedThread, superviseThread } from './supervised-thread.js';
import type { BatchDone, FromThread, QueueWork } from './thread-work.js';
import type { TroubleLines } from './trouble.js';

export interface Threads {
  /** Resolves when every queue is subscribed to, or its thread has failed once. */
  readonly begun: Promise<void>;
  /** Resolves when every queue is subscribed to. */
  readonly ready: Promise<void>;
  /** Resolves when the signal has aborted and every thread is gone. */
  readonly ended: Promise<void>;
}

export interface ThreadsOptions {
  readonly functions: readonly ServiceFunction[];
  readonly amqpUrl: string;
  readonly settings: Settings;
  readonly print: Print;
  readonly troubles: TroubleLines;
  readonly signal: AbortSignal;
}

/** Runs the threads of all functions until the signal aborts. */
export function startThreads({ functions, amqpUrl, settings, print, troubles, signal }: ThreadsOptions): Threads {
  setMaxListeners(0, signal);
  const all = functions.flatMap(({ queues }) => queues.map(({ queue }) => queue));
  const begun = new Awaited(all);
  const ready = new Awaited(all);

  function start(served: ServiceFunction, queues: readonly QueueWork[]): SupervisedThread {
    const { functionKey, name, handler, timeoutMs, memoryMb, environment } = served;
    const { prefetch, attempts, deadLetterLog } = settings;
    const changelog = settings.changelog.includes(functionKey);
    const work = {
      functionName: name,
      memoryMb,
      handler,
      timeoutMs,
      queues,
      amqpUrl,
      prefetch,
      attempts,
      changelog,
      deadLetterLog,
      statusExchange: settings.status[functionKey],
    };
    return superviseThread({
      work,
      environment,
      memoryMb,
      onMessage: (message: FromThread) => {
        const { queue } = message;
        if (message.kind === 'batch') print.notice(batchLine(functionKey, queue, message.batch));
        if (message.kind === 'filtered') print.notice(filteredLine(functionKey, queue, message.messages));
        if (message.kind === 'trouble') troubles.add(`${functionKey} ${queue}`, message.trouble);
        if (message.kind !== 'subscribed') return;
        begun.strike(queue);
        ready.strike(queue);
      },
      onEnd: (reason, againInMs) => {
        const names = queues.map(({ queue }) => queue);
        print.error(`${functionKey} (${names.join(', ')}) ended: ${reason}; again in ${againInMs} ms`);
        for (const queue of names) begun.strike(queue);
      },
      signal,
    });
  }

  const threads = functions.flatMap((served) => {
    const own = shareOut(served.queues, settings.threadsPerFunction).map((queues) => start(served, queues));
    const reload = (): void => {
      print.notice(`${served.functionKey}: its code has changed; reloading`);
      for (const thread of own) void thread.reload();
    };
    void watchLoadedFiles(served.handler.file, reload, signal);
    return own;
  });

  return {
    begun: begun.none,
    ready: ready.none,
    ended: Promise.all(threads.map(({ ended }) => ended)).then(() => undefined),
  };
}

/** Names that are waited for, each once. */
class Awaited {
  readonly #names: Set<string>;
  #resolve = (): void => undefined;
  /** Resolves when all are struck off. */
  readonly none = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
    if (names.length === 0) this.#resolve();
  }

  strike(name: string): void {
    this.#names.delete(name);
    if (this.#names.size === 0) this.#resolve();
  }
}

/** One line about one batch: `shoppingWorker worker01_queue: 3 messages in 12 ms, 1 failed (undecodable)`. */
function batchLine(
  functionKey: string,
  queue: string,
  { messages, durationMs, repeated, rejected }: BatchDone,
): string {
  const size = messages === 1 ? '1 message' : `${messages} messages`;
  const again = repeated === 0 ? '' : `, ${repeated} repeated`;
  const failures = rejected.length === 0 ? '' : `, ${rejected.length} failed (${[...new Set(rejected)].join(', ')})`;
  return `${functionKey} ${queue}: ${size} in ${Math.round(durationMs)} ms${again}${failures}`;
}

function filteredLine(functionKey: string, queue: string, messages: number): string {
  const [what, were] = messages === 1 ? ['1 message matches', 'was'] : [`${messages} messages match`, 'were'];
  return `${functionKey} ${queue}: ${what} none of the filterPatterns and ${were} removed, as on AWS`;
}

/** Deals things out into at most so many hands. */
function shareOut<Thing>(things: readonly Thing[], hands: number): Thing[][] {
  const dealt: Thing[][] = Array.from({ length: Math.min(hands, things.length) }, () => []);
  for (const [index, thing] of things.entries()) dealt[index % dealt.length]?.push(thing);
  return dealt;
}

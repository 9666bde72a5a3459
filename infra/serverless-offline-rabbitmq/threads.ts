import { setMaxListeners } from 'node:events';
import type { ServiceFunction } from './functions.js';
import { watchLoadedFiles } from './loaded-files.js';
import type { Print } from './serverless.js';
import type { Settings } from './settings.js';
import { type SupervisedThread, superviseThread } from './supervised-thread.js';
import { type BatchDone, type FromThread, nameOf, type QueueWork } from './thread-work.js';
import type { TroubleLines } from './trouble.js';

export interface Threads {
  /** Resolves when every function is subscribed to each of its queues. */
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
  const ready = new Awaited(
    functions.flatMap(({ functionKey, queues }) => queues.map((work) => sourceOf(functionKey, nameOf(work)))),
  );

  function start(
    served: ServiceFunction,
    queues: readonly QueueWork[],
    onLocated: (file: string) => void,
  ): SupervisedThread {
    const { functionKey, environment, ...functionWork } = served;
    const { prefetch, attempts, deadLetterLog } = settings;
    const work = {
      ...functionWork,
      queues,
      amqpUrl,
      prefetch,
      attempts,
      changelog: settings.changelog.includes(functionKey),
      deadLetterLog,
      statusExchange: settings.status[functionKey],
    };
    const names = queues.map(nameOf).join(', ');
    let loaded = false;
    let complaint = '';
    return superviseThread({
      work,
      environment,
      memoryMb: served.memoryMb,
      onMessage: (message: FromThread) => {
        if (message.kind === 'located') return onLocated(message.file);
        if (message.kind === 'loaded') {
          loaded = true;
          complaint = '';
          return;
        }
        const source = sourceOf(functionKey, message.queue);
        if (message.kind === 'batch') print.notice(batchLine(source, message.batch));
        if (message.kind === 'filtered') print.notice(filteredLine(source, message.messages));
        if (message.kind === 'trouble') troubles.add(source, message.trouble);
        if (message.kind === 'subscribed') ready.strike(source);
      },
      onEnd: (reason, againInMs) => {
        if (loaded) print.error(`${functionKey} (${names}) ended: ${reason}; again in ${againInMs} ms`);
        else if (reason !== complaint)
          print.error(`${functionKey} (${names}) is not served: ${reason}. It is as soon as it can be loaded.`);
        complaint = loaded ? '' : reason;
        loaded = false;
      },
      signal,
    });
  }

  const threads = functions.flatMap((served) => {
    let watched: { readonly file: string; readonly end: AbortController } | undefined;
    const watch = (file: string): void => {
      if (watched?.file === file) return;
      watched?.end.abort();
      const end = new AbortController();
      watched = { file, end };
      void watchLoadedFiles(file, reload, AbortSignal.any([signal, end.signal]));
    };
    const own = shareOut(served.queues, settings.threadsPerFunction).map((queues) => start(served, queues, watch));
    const reload = (): void => {
      print.notice(`${served.functionKey}: its code has changed; reloading`);
      for (const thread of own) void thread.reload();
    };
    return own;
  });

  return {
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

/** `shoppingWorker worker01_queue`: one function on one queue, in lines for people. */
function sourceOf(functionKey: string, queue: string): string {
  return `${functionKey} ${queue}`;
}

/** One line about one batch: `shoppingWorker worker01_queue: 3 messages in 12 ms, 1 failed (undecodable)`. */
function batchLine(source: string, { messages, durationMs, repeated, rejected }: BatchDone): string {
  const size = messages === 1 ? '1 message' : `${messages} messages`;
  const again = repeated === 0 ? '' : `, ${repeated} repeated`;
  const failures = rejected.length === 0 ? '' : `, ${rejected.length} failed (${[...new Set(rejected)].join(', ')})`;
  return `${source}: ${size} in ${Math.round(durationMs)} ms${again}${failures}`;
}

function filteredLine(source: string, messages: number): string {
  const [what, were] = messages === 1 ? ['1 message matches', 'was'] : [`${messages} messages match`, 'were'];
  return `${source}: ${what} none of the filterPatterns and ${were} removed, as on AWS`;
}

/** Deals things out into at most so many hands. */
function shareOut<Thing>(things: readonly Thing[], hands: number): Thing[][] {
  const dealt: Thing[][] = Array.from({ length: Math.min(hands, things.length) }, () => []);
  for (const [index, thing] of things.entries()) dealt[index % dealt.length]?.push(thing);
  return dealt;
}

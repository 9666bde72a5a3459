import type { KeySource } from '../../lib/rabbitmq/changelog/keys.js';
import type { RescaleChange } from '../../lib/rabbitmq/rescale/settings.js';
import { NO_CALLBACKS, nodeVersion, type ServiceFunction } from './functions.js';
import { batchLine, filteredLine, sourceOf } from './lines.js';
import { watchLoadedFiles } from './loaded-files.js';
import type { LocalAddress } from './local-address.js';
import type { Print } from './serverless.js';
import type { Settings } from './settings.js';
import { type SupervisedThread, superviseThread } from './supervised-thread.js';
import { type BatchDone, type FromThread, nameOf, type QueueWork } from './thread-work.js';
import type { TroubleLines } from './trouble.js';

export interface ServingOptions {
  readonly broker: LocalAddress;
  /** The keys that sign changelogs on the broker. */
  readonly changelogKeys: KeySource | undefined;
  readonly settings: Settings;
  readonly print: Print;
  readonly troubles: TroubleLines;
  readonly signal: AbortSignal;
  /** The code is under development: changed files are reloaded, and each batch is reported. */
  readonly isDevelopment: boolean;
  readonly logsJson: boolean;
  readonly observer?: ServiceObserver | undefined;
}

/** A function on one of its queues. */
export interface ServedQueue {
  readonly functionKey: string;
  /** Its name for people. */
  readonly queue: string;
}

/** Receives events as they happen. */
export interface ServiceObserver {
  /** It is now active, or stands by. */
  subscribed(served: ServedQueue): void;
  lost(served: ServedQueue): void;
  batch(served: ServedQueue, batch: BatchDone): void;
}

/** Called with one of `sourcesOf` when it is subscribed, or when it is certain that it will not be. */
export type OnSettled = (source: string, isServed: boolean) => void;

/** One running function: its threads, the files that are watched, and what is reported about it. */
export class ServedFunction {
  readonly #function: ServiceFunction;
  readonly #options: ServingOptions;
  readonly #onSettled: OnSettled;
  readonly #threads: readonly SupervisedThread[];
  #watched: { readonly file: string; readonly end: AbortController } | undefined;
  /** Why it cannot be loaded, as last reported. */
  #complaint = '';
  #ignoredReturn = false;
  #toldOfCallback = false;

  constructor(served: ServiceFunction, options: ServingOptions, onSettled: OnSettled) {
    this.#function = served;
    this.#options = options;
    this.#onSettled = onSettled;
    const hands = shareOut(served.queues, options.settings.threadsPerFunction);
    this.#threads = hands.map((queues) => this.#start(queues));
  }

  /** Resolves when the signal has aborted and every thread has ended. */
  get ended(): Promise<unknown> {
    return Promise.all(this.#threads.map(({ ended }) => ended));
  }

  #start(queues: readonly QueueWork[]): SupervisedThread {
    const { functionKey, runtime: _, environment, ...functionWork } = this.#function;
    const { broker, changelogKeys, settings, print, signal, observer, logsJson } = this.#options;
    const { prefetch, attempts, deadLetterLog } = settings;
    let loaded = false;
    return superviseThread({
      work: {
        ...functionWork,
        queues,
        broker,
        prefetch,
        attempts,
        changelog: settings.changelog.includes(functionKey),
        changelogKeys,
        recordable: settings.recordable.includes(functionKey),
        mayDiscard: settings.mayDiscard.includes(functionKey),
        deadLetterLog,
        statusExchange: settings.status[functionKey],
        logsJson,
      },
      environment,
      memoryMb: functionWork.memoryMb,
      onMessage: (message) => {
        if (message.kind === 'loaded') loaded = true;
        this.#hear(message);
      },
      onEnd: (reason, againInMs) => {
        const names = queues.map(nameOf).join(', ');
        for (const work of queues) observer?.lost({ functionKey, queue: nameOf(work) });
        if (loaded) print.error(`${functionKey} (${names}) ended: ${reason}; again in ${againInMs} ms`);
        else this.#complain(reason);
        loaded = false;
      },
      signal,
    });
  }

  #hear(message: FromThread): void {
    const { functionKey } = this.#function;
    const { print, troubles, observer, isDevelopment } = this.#options;
    if (message.kind === 'located') this.#watch(message.file);
    else if (message.kind === 'loaded') this.#load(message.declaresCallback);
    else if (message.kind === 'ignored return') this.#mention(message.what);
    else {
      const source = sourceOf(functionKey, message.queue);
      const served = { functionKey, queue: message.queue };
      if (message.kind === 'subscribed') observer?.subscribed(served);
      if (message.kind === 'batch') observer?.batch(served, message.batch);
      if (message.kind === 'subscribed') this.#onSettled(source, true);
      else if (message.kind === 'lost') observer?.lost(served);
      else if (message.kind === 'refused') this.#refuse(source, message.reason);
      else if (message.kind === 'rescaled') this.#tellOfRescale(source, message.change);
      else if (message.kind === 'trouble') troubles.add(source, message.trouble);
      else if (!isDevelopment) return;
      else if (message.kind === 'batch') print.notice(batchLine(source, message.batch));
      else print.notice(filteredLine(source, message.messages));
    }
  }

  #load(declaresCallback: boolean): void {
    this.#complaint = '';
    const { functionKey, runtime } = this.#function;
    if (this.#toldOfCallback || !declaresCallback || (nodeVersion(runtime) ?? 0) < NO_CALLBACKS) return;
    this.#toldOfCallback = true;
    this.#options.print.warning(
      `${functionKey}: its handler declares a callback, and ${runtime} does not load such a handler on AWS: make it async.`,
    );
  }

  #refuse(source: string, reason: string): void {
    this.#options.print.error(`${source} is not served: ${reason}.`);
    this.#onSettled(source, false);
  }

  #tellOfRescale(source: string, { kind, entries }: RescaleChange): void {
    const { print } = this.#options;
    if (kind === 'left') {
      print.notice(
        `${source} has left: others have its keys. It will join again at the next start unless you remove its event.`,
      );
    } else if (entries > 0) {
      print.notice(`${source} has ${kind === 'gave' ? 'handed over' : 'taken over'} ${entries} entries of its memory.`);
    }
  }

  /** Of all threads that cannot load it, only the first reports it. */
  #complain(reason: string): void {
    if (reason === this.#complaint) return;
    this.#complaint = reason;
    const { functionKey, queues } = this.#function;
    const names = queues.map(nameOf).join(', ');
    this.#options.print.error(
      `${functionKey} (${names}) is not served: ${reason}. It will be as soon as it can be loaded.`,
    );
  }

  #mention(what: string): void {
    if (this.#ignoredReturn) return;
    this.#ignoredReturn = true;
    this.#options.print.notice(
      `${this.#function.functionKey}: its handler returned ${what}, which has no effect, as on AWS: its batches count as handled.`,
    );
  }

  #watch(file: string): void {
    if (!this.#options.isDevelopment || this.#watched?.file === file) return;
    this.#watched?.end.abort();
    const end = new AbortController();
    this.#watched = { file, end };
    void watchLoadedFiles(file, () => this.#reload(), AbortSignal.any([this.#options.signal, end.signal]));
  }

  #reload(): void {
    this.#options.print.notice(`${this.#function.functionKey}: its code has changed; reloading`);
    for (const thread of this.#threads) void thread.reload();
  }
}

/** The names of a function on each of its queues. */
export function sourcesOf({ functionKey, queues }: ServiceFunction): string[] {
  return queues.map((work) => sourceOf(functionKey, nameOf(work)));
}

/** Distributes items over at most this many groups. */
function shareOut<Thing>(things: readonly Thing[], hands: number): Thing[][] {
  const dealt: Thing[][] = Array.from({ length: Math.min(hands, things.length) }, () => []);
  for (const [index, thing] of things.entries()) dealt[index % dealt.length]?.push(thing);
  return dealt;
}

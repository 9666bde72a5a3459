import { setMaxListeners } from 'node:events';
import type { ServiceFunction } from './functions.js';
import { ServedFunction, type ServingOptions, sourcesOf } from './served-function.js';

export interface Threads {
  /** Resolves when every function is subscribed to all its queues, with those that never will be. */
  readonly ready: Promise<readonly string[]>;
  /** Resolves when the signal has aborted and every thread has ended. */
  readonly ended: Promise<void>;
}

/** Runs the threads of all functions until the signal aborts. */
export function startThreads(functions: readonly ServiceFunction[], options: ServingOptions): Threads {
  setMaxListeners(0, options.signal);
  const ready = new Awaited(functions.flatMap(sourcesOf));
  const refused: string[] = [];
  const onSettled = (source: string, isServed: boolean): void => {
    if (!isServed) refused.push(source);
    ready.strike(source);
  };
  const serving = functions.map((served) => new ServedFunction(served, options, onSettled));
  return {
    ready: ready.none.then(() => refused),
    ended: Promise.all(serving.map(({ ended }) => ended)).then(() => undefined),
  };
}

/** The names to wait for, each once. */
class Awaited {
  readonly #names: Set<string>;
  #resolve = (): void => undefined;
  /** Resolves when all of them have been removed. */
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

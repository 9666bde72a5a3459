import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of the bench: started, sent one request at a time, ended. */
export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;

  private constructor(child: ChildProcess, name: string) {
    this.#process = child;
    this.#name = name;
  }

  /** Resolves when it reports that it is ready. */
  static async start(module: string, orders: unknown, execArgv: readonly string[] = []): Promise<Child> {
    const child = fork(new URL(module, import.meta.url), [JSON.stringify(orders)], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const started = new Child(child, module);
    await started.#answer();
    return started;
  }

  async ask<Answer>(ask: string, argument?: unknown): Promise<Answer> {
    const answer = this.#answer();
    this.#process.send({ ask, argument });
    return (await answer) as Answer;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  async #answer(): Promise<unknown> {
    const abort = new AbortController();
    const died = once(this.#process, 'exit', abort).then(() => {
      throw new Error(`${this.#name} died`);
    });
    died.catch(() => undefined);
    try {
      const [{ value, error }] = (await Promise.race([once(this.#process, 'message', abort), died])) as [
        { value?: unknown; error?: string },
      ];
      if (error !== undefined) throw new Error(`${this.#name}: ${error}`);
      return value;
    } finally {
      abort.abort();
    }
  }
}

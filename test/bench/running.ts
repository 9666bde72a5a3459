import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 120_000;
/** The unit of /proc/<pid>/stat, on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/** A program as a user starts it, in its own process group. */
export class Running {
  readonly #process: ChildProcess;
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<unknown>;
  readonly #news = new EventEmitter();
  #output = '';

  private constructor(program: string, args: readonly string[], folder: string, env: NodeJS.ProcessEnv) {
    this.#process = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.ended = once(this.#process, 'close');
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#news.emit('news');
      });
    }
    this.#process.on('close', () => this.#news.emit('news'));
  }

  /**
   * A compiled command of the shop. Resolves when it has reported that it is ready.
   * @throws Error with what it printed instead
   */
  static async command(name: string, args: readonly string[], ready: RegExp): Promise<Running> {
    const module = fileURLToPath(new URL(`../../infra/shop/commands/${name}.js`, import.meta.url));
    const running = new Running(process.execPath, [module, ...args], process.cwd(), process.env);
    await running.says(ready);
    return running;
  }

  static npmStart(folder: string, args: readonly string[]): Running {
    return new Running('npm', ['start', '--', ...args], folder, { ...process.env, PWD: folder });
  }

  /** @throws Error with what it said instead. */
  async says(pattern: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (!pattern.test(this.#output)) {
      if (signal.aborted || this.#isOver) throw new Error(`no ${pattern}: ${this.#output}`);
      await once(this.#news, 'news', { signal }).catch(() => undefined);
    }
  }

  /** Seconds of CPU time that its group has used so far. Linux only. */
  cpuSeconds(): number {
    let ticks = 0;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = statOf(name);
      // After the name in brackets: state, parent, group; user and system time are the 12th and 13th fields.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[2]) === this.#process.pid) ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  /** Megabytes of memory that its first process has. Linux only. */
  memoryMb(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_000;
  }

  get #isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async end(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    if (!this.#isOver) process.kill(-(this.#process.pid as number), signal);
    await this.ended;
  }
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

const SETTLING_MS = 60_000;
const IDLE_MS = 30_000;

/** The CPU time of these while idle, in percent of one core. */
export async function idlePercent(running: readonly Running[]): Promise<number> {
  const used = (): number => running.reduce((sum, process) => sum + process.cpuSeconds(), 0);
  // V8 runs a few last collections when a process has become idle.
  await sleep(SETTLING_MS);
  const before = used();
  await sleep(IDLE_MS);
  return ((used() - before) * 100_000) / IDLE_MS;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Settled } from './history.js';

export interface WorkerPlace {
  readonly queue: string;
  readonly amqpUrl: string;
}

/** A worker's process, started again whenever it ends, as its operator would. */
export interface FleetWorker extends WorkerPlace {
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it settles its next event. */
  next(): Promise<void>;
}

export interface SettledThere extends Settled {
  /** When its worker said so, in milliseconds of `performance.now()`. */
  readonly toldAt: number;
}

export interface Fleet<Place extends WorkerPlace = WorkerPlace> {
  readonly workers: readonly (Place & FleetWorker)[];
  /** Events that were accepted, in the order in which their workers said so. */
  readonly settled: readonly SettledThere[];
  /** What they wrote to stderr. */
  readonly complaints: readonly string[];
  readonly starts: () => number;
  stop(): Promise<void>;
}

interface Line {
  readonly verdict: string;
  readonly event: { readonly product_number: string; readonly timestamp: string };
}

/** Starts a `run_worker` process for each place; a queue that is named twice has a standby. */
export async function startFleet<Place extends WorkerPlace>(
  places: readonly Place[],
  database: string,
): Promise<Fleet<Place>> {
  const settled: SettledThere[] = [];
  const complaints: string[] = [];
  const waiting = new Map<string, (() => void)[]>();
  let stopping = false;
  let starts = 0;

  const fleet = places.map((place) => {
    const { queue, amqpUrl } = place;
    let child: ChildProcess;
    const start = (): void => {
      starts++;
      const id = queue.replace(/_queue$/, '');
      const args = ['-i', id, '-q', queue, '--amqp-url', amqpUrl, '--json'];
      const env = { ...process.env, SHOP_DATABASE: database, NO_COLOR: '1' };
      child = spawn(process.execPath, [resolve('dist/infra/shop/commands/run-worker.js'), ...args], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const { verdict, event } = JSON.parse(line) as Line;
        if (verdict === 'picked up' || verdict === 'billed') {
          settled.push({ queue, product: event.product_number, at: event.timestamp, toldAt: performance.now() });
        }
        for (const resolve of waiting.get(queue)?.splice(0) ?? []) resolve();
      });
      child.stderr?.on('data', (text) => complaints.push(`${queue}: ${text}`));
      child.once('exit', () => {
        if (!stopping) start();
      });
    };
    start();
    return {
      ...place,
      kill: (signal: NodeJS.Signals) => void child.kill(signal),
      next: () =>
        new Promise<void>((resolve) => {
          waiting.set(queue, [...(waiting.get(queue) ?? []), resolve]);
        }),
      end: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGCONT');
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  });

  return {
    workers: fleet,
    settled,
    complaints,
    starts: () => starts,
    stop: async () => {
      stopping = true;
      await Promise.all(fleet.map(({ end }) => end()));
    },
  };
}

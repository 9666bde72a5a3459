import { setTimeout as sleep } from 'node:timers/promises';
import { openProjectBroker } from '../broker/project-broker.js';
import type { LocalAddress } from './local-address.js';
import type { Print } from './serverless.js';

/** The broker that a service's events come from. */
export interface LocalBroker extends LocalAddress {
  /** It belongs to this project: no one else's messages are on it. */
  readonly isPrivate: boolean;
  stop(): Promise<void>;
}

export interface LocalBrokerOptions {
  /** A broker that runs elsewhere and may be down. */
  readonly given: string | undefined;
  readonly folder: string;
  /** Created on a private broker, in addition to `/`. */
  readonly virtualHosts: readonly string[];
  readonly print: Print;
  readonly signal: AbortSignal;
}

const RESTART_AFTER_MS = 1_000;

/** The broker that was named, else the project's private one. @throws Error if none can be started */
export async function openLocalBroker(options: LocalBrokerOptions): Promise<LocalBroker> {
  const { given, folder, virtualHosts, print, signal } = options;
  if (given !== undefined) return { amqpUrl: given, folder: undefined, isPrivate: false, stop: async () => undefined };
  let told = '';
  const starting = new AbortController();
  const abort = (): void => starting.abort();
  signal.addEventListener('abort', abort, { once: true });
  const { amqpUrl, started } = await openProjectBroker({
    runtimeFolder: folder,
    vhosts: virtualHosts,
    onProgress: ({ step }) => {
      if (step !== told) print.notice(step);
      told = step;
    },
    onCrash: (error) => void restart(error),
    // Once running, it must outlive the threads, which the same signal stops.
    signal: starting.signal,
  });
  signal.removeEventListener('abort', abort);

  async function restart(error: Error): Promise<void> {
    print.error(`${error.message} Restarting it.`);
    await sleep(RESTART_AFTER_MS);
    if (signal.aborted || started === undefined) return;
    await started.restart().catch(restart);
  }

  const followed = started === undefined ? folder : undefined;
  return { amqpUrl, folder: followed, isPrivate: true, stop: async () => started?.stop() };
}

import type { LogCode } from '../../../lib/rabbitmq/log.js';
import type { BatchReport } from '../../../lib/rabbitmq/observing/batch-report.js';
import type { QueueRunnerOptions } from '../../../lib/rabbitmq/runner/options.js';
import { runQueue } from '../../../lib/rabbitmq/runner/run-queue.js';
import type { Step } from '../../../lib/rabbitmq/steps.js';
import { StagedStore } from '../../../lib/state/staged-store.js';
import { amqpUrl, eventually, type Scene } from './broker.js';
import { countingHandler } from './counting-handler.js';
import { type RecordingLog, recordingLog } from './recording-log.js';

/** A runner in the test's own process. */
export interface LocalRunner {
  readonly log: RecordingLog;
  readonly store: StagedStore<number>;
  readonly batches: BatchReport[];
  readonly steps: Step[];
  /** How it ended: nothing, or the error. */
  readonly ended: Promise<unknown>;
  settled(messages: number): Promise<void>;
  /** Waits for a line with this code, and with this text in its details. */
  logged(code: LogCode, text?: string): Promise<void>;
  stop(): Promise<void>;
}

export function startRunner(scene: Scene, options: Partial<QueueRunnerOptions<number>> = {}): LocalRunner {
  const log = recordingLog();
  const store = new StagedStore<number>();
  const batches: BatchReport[] = [];
  const steps: Step[] = [];
  const stop = new AbortController();
  const ended = runQueue<number>({
    amqpUrl,
    queue: scene.queue,
    connectionName: `test ${scene.queue}`,
    handler: countingHandler(scene),
    handlerTimeoutMs: 5_000,
    // These nodes are not killed.
    youngQueueMs: 0,
    store,
    changelog: {},
    log,
    signal: stop.signal,
    backoff: { firstMs: 5, maxMs: 50 },
    attempts: 3,
    onBatch: (report) => batches.push(report),
    onStep: (step) => steps.push(step),
    ...options,
  }).catch((error: unknown) => error);
  return {
    log,
    store,
    batches,
    steps,
    ended,
    settled: async (messages) => {
      await eventually(() => batches.reduce((sum, batch) => sum + batch.messages, 0) >= messages);
    },
    logged: async (code, text = '') => {
      await eventually(() => log.of(code).find((details) => details.includes(text)));
    },
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

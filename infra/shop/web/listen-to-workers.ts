import type { ConsumeMessage } from 'amqplib';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { readStream } from '../../../lib/rabbitmq/consuming/read-stream.js';
import { lastOffset } from '../../../lib/rabbitmq/consuming/stream-end.js';
import { decodeInvocationReport, type InvocationReport } from '../../../lib/runner-status/read-invocation-report.js';
import { decodeRunnerStatus, type RunnerStatus } from '../../../lib/runner-status/read-runner-status.js';
import { WORKER_STATUS } from '../../../lib/shop/domain/topology.js';

const MOST_BYTES = 128 * 1024;

export interface WorkerListeners {
  readonly onStatus: (status: RunnerStatus) => void;
  readonly onInvocation: (report: InvocationReport) => void;
}

/**
 * Receives the workers' reports from now on; older ones are outdated. Resolves when it is subscribed; `ended` rejects when the
 * connection is lost.
 * @throws ChannelGoneError; RefusedError if the stream is missing, or may not be read
 */
export async function listenToWorkers(
  connection: Connection,
  signal: AbortSignal,
  { onStatus, onInvocation }: WorkerListeners,
): Promise<{ readonly ended: Promise<void> }> {
  const from = (await lastOffset(connection, WORKER_STATUS, signal)) + 1;
  const hear = ({ content }: ConsumeMessage): void => {
    if (content.length > MOST_BYTES) return;
    const json = content.toString();
    const status = decodeRunnerStatus(json);
    if (status !== undefined) onStatus(status);
    const invocation = status === undefined ? decodeInvocationReport(json) : undefined;
    if (invocation !== undefined) onInvocation(invocation);
  };
  const listen = async (): Promise<void> => {
    for await (const messages of readStream(connection, WORKER_STATUS, { from, signal })) messages.forEach(hear);
  };
  const ended = listen();
  // The caller may fail before it waits for this.
  ended.catch(() => undefined);
  return { ended };
}

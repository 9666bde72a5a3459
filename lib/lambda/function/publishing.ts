import type { BrokerAddress } from '../../rabbitmq/connection/address.js';
import type { Connection } from '../../rabbitmq/connection/connection.js';
import type { AdapterLog } from '../../rabbitmq/log.js';
import type { Exchanges } from '../../rabbitmq/publishing/exchanges.js';
import type { Publisher } from '../../rabbitmq/publishing/publisher.js';
import { SENT_AT_HEADER } from '../../runner-status/sent-at.js';
import { exportTraces, flushTraces } from '../../tracing/exporter.js';
import { startSends } from '../../tracing/send-spans.js';
import { contextOf, TRACEPARENT } from '../../tracing/trace-context.js';
import type { Publish } from './http-function.js';

export interface SenderOptions {
  readonly amqpUrl: BrokerAddress;
  /** The name of the connection in the broker's listings and, as `app_id`, the sender of every message. */
  readonly name: string;
  readonly log: AdapterLog;
  /** How long one call may take, including opening a connection. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Sends what a function returned, where no adapter does so. */
export interface Sender {
  /**
   * Resolves when the broker has confirmed every message, and routed those that must be routed.
   * @throws Error otherwise; messages may have arrived all the same, so a repeat must have the same ids
   */
  readonly publish: Publish;
  close(): Promise<void>;
}

interface Line {
  readonly connection: Connection;
  readonly exchanges: Exchanges;
  readonly publisher: Publisher;
}

/**
 * A sender with one connection, opened when it is first needed, and again after it was lost. The adapter is loaded only then, so
 * that a function that sends nothing does not pay for it.
 */
export function createSender(options: SenderOptions): Sender {
  const { name, timeoutMs = 10_000 } = options;
  let current: Promise<Line> | undefined;
  let loading: ReturnType<typeof loadAdapter> | undefined;

  function line(): Promise<Line> {
    if (current !== undefined) return current;
    const opening = openLine({ ...options, timeoutMs });
    current = opening;
    const forget = (): void => {
      if (current === opening) current = undefined;
    };
    opening.then(({ connection, publisher }) => {
      publisher.onGone(() => {
        forget();
        void connection.close();
      });
    }, forget);
    return opening;
  }

  return {
    async publish(outgoing) {
      loading ??= loadAdapter();
      await exportTraces(name, (message) => options.log.error(message, { code: 'traces-not-exported' }));
      const [{ encodeOutgoing }, { within }] = await loading;
      const now = Date.now();
      const headers = { [SENT_AT_HEADER]: now };
      const defaults = { appId: name, timestamp: Math.floor(now / 1000), headers };
      const sends = startSends(outgoing, ({ headers }) => contextOf(headers?.[TRACEPARENT]));
      const messages = encodeOutgoing(sends.messages, defaults);
      const startedAt = performance.now();
      const used = line();
      const { connection, exchanges, publisher } = await within(timeoutMs, used);
      try {
        const sent = exchanges
          .mustExist(new Set(messages.map(({ exchange }) => exchange)))
          .then(() => publisher.publishAll(messages));
        const [failure] = await within(startedAt + timeoutMs - performance.now(), sent);
        if (failure !== undefined) throw failure;
        sends.end();
      } catch (error) {
        sends.end(error as Error);
        const why = connection.blockedBecause;
        if (!isAnswer(error)) {
          if (current === used) current = undefined;
          await connection.close();
        }
        if (why !== undefined) throw new Error(`RabbitMQ accepts no messages for now: ${why}`, { cause: error });
        throw error;
      }
    },
    close: async () => {
      await (await current?.catch(() => undefined))?.connection.close();
      await flushTraces();
    },
  };
}

function loadAdapter() {
  return Promise.all([import('../../rabbitmq/publishing/outgoing.js'), import('../../waiting/deadline.js')]);
}

/** The broker has refused; any other error leaves the connection in doubt. */
function isAnswer(error: unknown): boolean {
  const { name, failure } = error as { readonly name?: unknown; readonly failure?: unknown };
  return failure === 'returned' || name === 'UnsendableMessageError';
}

async function openLine({ amqpUrl, name, log, timeoutMs }: Required<SenderOptions>): Promise<Line> {
  const [{ openConnection }, { Exchanges }, { Publisher }] = await Promise.all([
    import('../../rabbitmq/connection/open-connection.js'),
    import('../../rabbitmq/publishing/exchanges.js'),
    import('../../rabbitmq/publishing/publisher.js'),
  ]);
  const connection = await openConnection({ amqpUrl, connectionName: name, log, connectTimeoutMs: timeoutMs });
  return { connection, exchanges: new Exchanges(connection), publisher: await Publisher.open(connection, timeoutMs) };
}

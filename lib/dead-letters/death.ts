/** What RabbitMQ added to a message when it last dead-lettered it (https://www.rabbitmq.com/docs/dlx#effects). */
export interface Death {
  /** `rejected`, `delivery_limit`, `expired` or `maxlen`. */
  readonly reason?: string;
  /** The queue it died in. */
  readonly queue?: string;
  /** How it came to that queue; the exchange is empty for the default exchange. */
  readonly exchange?: string;
  readonly routingKey?: string;
  /** Since 1970. */
  readonly seconds?: number;
}

/**
 * Reads a message's last death; undefined if it was never dead-lettered. A stream of RabbitMQ 3 keeps only headers that are plain
 * texts: there it is the first death, without its time.
 */
export function deathOf(headers: unknown): Death | undefined {
  const deaths = field(headers, 'x-death');
  const latest: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  const routingKeys = field(latest, 'routing-keys');
  const death = {
    ...text('reason', field(latest, 'reason') ?? field(headers, 'x-first-death-reason')),
    ...text('queue', field(latest, 'queue') ?? field(headers, 'x-first-death-queue')),
    ...text('exchange', field(latest, 'exchange') ?? field(headers, 'x-first-death-exchange')),
    ...text('routingKey', Array.isArray(routingKeys) ? routingKeys[0] : undefined),
    ...seconds(field(latest, 'time')),
  };
  return Object.keys(death).length > 0 ? death : undefined;
}

/** amqplib's form of an AMQP timestamp, in seconds since 1970. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return field(value, '!') === 'timestamp' ? secondsOf(field(value, 'value')) : undefined;
}

function field(table: unknown, name: string): unknown {
  return typeof table === 'object' && table !== null && Object.hasOwn(table, name)
    ? (table as Record<string, unknown>)[name]
    : undefined;
}

function text<Name extends string>(name: Name, value: unknown): { [name in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { [name in Name]: string }) : {};
}

function seconds(value: unknown): { seconds?: number } {
  const seconds = secondsOf(value);
  return seconds === undefined ? {} : { seconds };
}

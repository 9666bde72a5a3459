import { encodeRecord } from '../../lib/rabbitmq/changelog/changelog-record.js';
import { retentionOf } from '../../lib/rabbitmq/changelog/retention.js';
import { SIGNATURE, SigningKeys } from '../../lib/rabbitmq/changelog/signature.js';
import { declareStream } from '../../lib/rabbitmq/changelog/stream.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { WORKER_QUEUES } from '../../lib/shop/domain/topology.js';

/** The queue whose worker remembers them. */
export const FULL_QUEUE = WORKER_QUEUES[0];
const STREAM = `${FULL_QUEUE}.changelog`;
const RETENTION = retentionOf(512 * 1024 * 1024);
const CHANGES_PER_RECORD = 100;
const NONCE = 'an-earlier-worker';

/** Writes the changelog of a worker that has seen this many pick ups and no purchase, signed if there is a key. */
export async function fillChangelog(connection: Connection, openBaskets: number, key?: string): Promise<void> {
  await declareStream(connection, STREAM, RETENTION);
  const publisher = await Publisher.open(connection, 60_000);
  const keys = key === undefined ? undefined : new SigningKeys(STREAM, [key]);
  let number = 0;
  const signed = (content: Buffer) => {
    const place = number === 0 ? { opening: -1, after: -1 } : { opening: 0, after: -1 };
    const signature = keys?.sign(content, { ...place, number: number++ });
    return signature === undefined ? {} : { headers: { [SIGNATURE]: signature } };
  };
  const write = async (contents: readonly Buffer[]): Promise<void> => {
    const failures = await publisher.publishAll(
      contents.map((content, index) => ({
        exchange: STREAM,
        routingKey: '',
        content,
        messageId: `${index}`,
        mustRoute: true,
        properties: { persistent: true, ...signed(content) },
      })),
    );
    if (failures[0] !== undefined) throw failures[0];
  };
  await write([encodeRecord({ kind: 'opening', nonce: NONCE })]);
  for (let first = 0; first < openBaskets; first += 100 * CHANGES_PER_RECORD) {
    await write([...recordsOf(first, Math.min(openBaskets, first + 100 * CHANGES_PER_RECORD))]);
  }
  await publisher.close();
}

function* recordsOf(first: number, end: number): Generator<Buffer> {
  for (let start = first; start < end; start += CHANGES_PER_RECORD) {
    const length = Math.min(CHANGES_PER_RECORD, end - start);
    const numbers = Array.from({ length }, (_, index) => String(start + index).padStart(8, '0'));
    yield encodeRecord({
      kind: 'batch',
      nonce: NONCE,
      handled: numbers.map((number) => `identity-of-${number}.`),
      changes: numbers.map((number) => ({ key: `basket-${number}`, value: '2026-01-01T00:00:00.000Z' })),
      outgoing: [],
    });
  }
}

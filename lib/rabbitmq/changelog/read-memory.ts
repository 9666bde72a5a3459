import type { ConsumeMessage } from 'amqplib';
import type { Connection } from '../connection/connection.js';
import { FatalError } from '../connection/fatal-error.js';
import { offsetOf } from '../connection/stream-offset.js';
import { Ownership } from './ownership.js';
import type { RecordReader } from './record-reader.js';
import type { RecordWriter } from './record-writer.js';
import { type QueueMemory, Recovery } from './recovery.js';
import { readEntries } from './stream.js';

export interface ReadingContext<Value> {
  readonly connection: Connection;
  readonly stream: string;
  readonly memory: QueueMemory<Value>;
  readonly reader: RecordReader<Value>;
  readonly writer: RecordWriter<Value>;
  /** How long a record may take to come back, in milliseconds. */
  readonly confirmTimeoutMs: number;
}

/**
 * Reads a changelog up to this session's opening, which has this nonce, into the memory; from there on its ownership is followed.
 * @throws FatalError if the memory cannot be restored completely; ChannelGoneError
 */
export async function readMemory<Value>(
  { connection, stream, memory, reader, writer, confirmTimeoutMs }: ReadingContext<Value>,
  nonce: string,
): Promise<{ readonly recovery: Recovery<Value>; readonly ownership: Ownership | undefined }> {
  let recovery: Recovery<Value> | undefined;
  let ownership: Ownership | undefined;
  for await (const entry of readEntries(connection, stream)) {
    recovery ??= new Recovery(memory, offsetOf(entry) === 0);
    const { last } = reader;
    const record = reader.read(entry);
    if (record === undefined) recovery.skip(entry.content.length);
    else recovery.take(record, entry.content.length);
    if (record?.kind === 'opening' && record.nonce === nonce) {
      const opening = offsetOf(entry);
      const isOurs = (later: ConsumeMessage) => reader.isOurs(later, opening);
      ownership = new Ownership(connection, stream, {
        nonce,
        from: opening + 1,
        patienceMs: confirmTimeoutMs,
        isOurs,
      });
      writer.begin(nonce, { opening, after: last });
      break;
    }
  }
  reader.mustHaveTheKey();
  if (recovery?.whole !== true) {
    throw new FatalError(`${stream} has lost its beginning and holds no complete snapshot: state is lost`);
  }
  reader.tellOfMissing();
  recovery.finish();
  return { recovery, ownership };
}

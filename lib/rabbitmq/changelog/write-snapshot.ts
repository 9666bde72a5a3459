import { randomUUID } from 'node:crypto';
import { FatalError } from '../connection/fatal-error.js';
import type { AdapterLog } from '../log.js';
import type { OnStep } from '../steps.js';
import { type ChangelogRecord, encodeRecord } from './changelog-record.js';
import type { RecordWriter } from './record-writer.js';
import type { QueueMemory } from './recovery.js';
import { type Retention, recordBytes, refusal } from './retention.js';
import { snapshotParts } from './snapshot.js';

export interface SnapshotContext {
  readonly stream: string;
  readonly onStep: OnStep;
  readonly log: AdapterLog;
}

/** Writes a queue's whole memory to its stream. @throws FatalError if it is too large for the stream */
export async function writeSnapshot<Value>(
  { store, handled, size }: QueueMemory<Value>,
  retention: Retention,
  writer: RecordWriter<Value>,
  { stream, onStep, log }: SnapshotContext,
): Promise<void> {
  const snapshot = randomUUID();
  const { nonce } = writer;
  const startedAt = performance.now();
  function* records(): Generator<ChangelogRecord<Value>> {
    for (const part of snapshotParts(store, handled, retention.maxPartBytes)) {
      yield { kind: 'snapshot part', nonce, snapshot, ...part };
    }
  }
  let bytes = 0;
  for (const part of records()) bytes += recordBytes(encodeRecord(part).length);
  const reason = refusal(retention, size, bytes);
  if (reason !== undefined) throw new FatalError(`${stream}: ${reason}. Nothing is removed yet`);
  size.snapshotBegins();
  await writer.publish({ kind: 'snapshot begin', nonce, snapshot });
  onStep('snapshot begun');
  let parts = 0;
  for (const part of records()) {
    await writer.publish(part);
    parts++;
  }
  await writer.publish({ kind: 'snapshot end', nonce, snapshot, parts });
  size.snapshotEnds();
  log.info('snapshot written', {
    code: 'snapshot-written',
    stream,
    parts,
    bytes,
    ms: Math.round(performance.now() - startedAt),
  });
}

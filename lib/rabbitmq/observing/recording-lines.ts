import type { RmqEventSource } from '../../lambda/event/rmq-event-builder.js';
import { recordedMessage } from '../../recording/recorded-message.js';
import type { RecordingLine } from '../../recording/recording-line.js';
import type { AdapterLog } from '../log.js';
import type { EndedInvocation } from './latest-invocations.js';

/** What a runner sends to those who record it. */
export interface RecordingSource {
  readonly log: AdapterLog;
  readonly name: string;
  readonly source: RmqEventSource;
  readonly partialFailures: boolean;
  /** Its memory. */
  readonly store: {
    readonly size: number;
    /** As the last batch left it. */
    committed(): Iterable<readonly [string, unknown]>;
    tellWrites(told: (key: string, before: unknown) => void): void;
  };
}

const MOST_ENTRIES = 100_000;
const ENTRIES_PER_LINE = 1_000;

/** The first line of a recording: who is recorded, and the memory at that time, unless it is very large. */
export function* firstLines(
  { name, source, partialFailures, store }: RecordingSource,
  memory: () => Iterable<readonly [string, unknown]>,
): Generator<RecordingLine> {
  const { queue, vhost, eventSourceArn } = source;
  const remembers = store.size <= MOST_ENTRIES;
  const at = new Date().toISOString();
  const begin = { kind: 'begin', v: 1, name, queue, vhost, eventSourceArn, at, partialFailures } as const;
  yield remembers ? begin : { ...begin, entriesLeftOff: store.size };
  if (!remembers) return;
  const entries = [...memory()] as [string, never][];
  for (let from = 0; from < entries.length; from += ENTRIES_PER_LINE) {
    yield { kind: 'memory', entries: entries.slice(from, from + ENTRIES_PER_LINE) };
  }
}

export function bytesOf(line: RecordingLine): Buffer {
  return Buffer.from(JSON.stringify(line));
}

export function lineOf({ at, deliveries, outcome }: Omit<EndedInvocation, 'requestId'>): RecordingLine {
  return {
    kind: 'invocation',
    at: new Date(at).toISOString(),
    messages: deliveries.map(recordedMessage),
    // The parts of an answer were encoded as JSON before.
    ...(outcome as Pick<Extract<RecordingLine, { kind: 'invocation' }>, 'answer' | 'error'>),
  };
}

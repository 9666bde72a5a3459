import { readFile, stat } from 'node:fs/promises';
import type { RmqEvent } from '../../lib/lambda/event/rmq-event.js';
import { rmqEventSchema } from '../../lib/lambda/event/rmq-event-schema.js';
import { parseRecordingLine, type RecordingLine } from '../../lib/recording/recording-line.js';
import { boundedLines } from './bounded-lines.js';

/** A file holds either a recording, line by line, or one event as a function gets it. */
export type ReplayFile =
  | { readonly kind: 'recording'; lines(): AsyncIterable<RecordingLine> }
  | { readonly kind: 'event'; readonly event: RmqEvent };

const MOST_EVENT_BYTES = 32 * 1024 * 1024;
/** A poller sends at most 12 MB. */
const MOST_LINE_BYTES = 32 * 1024 * 1024;

/** @throws Error that says what is wrong with the file, and in which line */
export async function openReplayFile(file: string): Promise<ReplayFile> {
  const event = (await stat(file)).size <= MOST_EVENT_BYTES ? await readEvent(file) : undefined;
  return event === undefined ? { kind: 'recording', lines: () => readLines(file) } : { kind: 'event', event };
}

async function readEvent(file: string): Promise<RmqEvent | undefined> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // More than one line means a recording.
    return undefined;
  }
  if ((json as { readonly eventSource?: unknown } | null)?.eventSource === undefined) return undefined;
  const parsed = rmqEventSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${file} is not an aws:rmq event: ${issue?.path.join('.')}: ${issue?.message}`);
}

async function* readLines(file: string): AsyncIterable<RecordingLine> {
  const lines = boundedLines(file, MOST_LINE_BYTES);
  let number = 0;
  for (;;) {
    number++;
    const { done, value: text } = await lines.next().catch((cause: Error) => {
      throw new Error(`${file}, line ${number}: ${cause.message}: not a line of a recording`, { cause });
    });
    if (done) break;
    if (text === '') continue;
    let line: RecordingLine;
    try {
      line = parseRecordingLine(text);
    } catch (cause) {
      throw new Error(`${file}, line ${number}: ${(cause as Error).message}`, { cause });
    }
    if (number === 1 && line.kind !== 'begin')
      throw new Error(`${file} is not a recording: its first line must be of kind "begin"`);
    yield line;
  }
  if (number === 1) throw new Error(`${file} is empty`);
}

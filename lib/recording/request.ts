import { createHash } from 'node:crypto';

/**
 * Direct and durable, declared by pollers that may be recorded. Whoever may write to it may record them, and nobody else. The lines of
 * a recording come by it, too, with the name of the queue that gets them as routing key.
 */
export const REQUESTS_EXCHANGE = 'smart-shopping.recordings';

/** Whoever asks must ask again within this time, or is forgotten: the one who asked may be gone. */
export const LEASE_MS = 15_000;

const MOST_NAME_BYTES = 255;

/** A queue that RabbitMQ named for the one connection that has it: an answer to any other would be a message for somebody else. */
const REPLY_QUEUE = /^amq\.gen-[\w-]{22}$/;

/** Where a poller listens that serves this queue. */
export function requestsKey(queue: string): string {
  const key = `smart-shopping record ${queue}`;
  // Of a very long name its hash: routing keys have 255 bytes.
  return Buffer.byteLength(key) <= MOST_NAME_BYTES ? key : createHash('sha256').update(key).digest('hex');
}

export interface RecordingRequest {
  /** The queue that gets the lines of the recording. */
  readonly replyTo: string;
  /** `end` asks for a last line; `latest` for what is over already, once. */
  readonly wish: 'record' | 'end' | 'latest';
  /** Of the latest invocations only this one. */
  readonly requestId?: string;
}

const WISHES: ReadonlySet<unknown> = new Set<RecordingRequest['wish']>(['record', 'end', 'latest']);

export function encodeRequest(request: RecordingRequest): string {
  return JSON.stringify({ v: 1, ...request });
}

/**
 * Undefined for anything that is not a request of this version: anybody can publish anything. Checked by hand, since each thread
 * that serves a queue would load a schema library for these few fields, and be slower to start by half.
 */
export function decodeRequest(json: string): RecordingRequest | undefined {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return undefined;
  }
  const { v, replyTo, wish, requestId } = Object(body) as Partial<Record<string, unknown>>;
  const isQueue = typeof replyTo === 'string' && REPLY_QUEUE.test(replyTo);
  if (v !== 1 || !isQueue || !WISHES.has(wish)) return undefined;
  const request = { replyTo, wish: wish as RecordingRequest['wish'] };
  return typeof requestId === 'string' ? { ...request, requestId } : request;
}

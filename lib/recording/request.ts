import { createHash } from 'node:crypto';

/**
 * Direct and durable, declared by recordable pollers. Only those who may write to it may record. The lines of a recording are
 * also sent through it, with the name of the receiving queue as routing key.
 */
export const REQUESTS_EXCHANGE = 'smart-shopping.recordings';

/** A request must be repeated within this time; otherwise it is dropped, because the requester may be gone. */
export const LEASE_MS = 15_000;

const MOST_NAME_BYTES = 255;

/**
 * The name of a queue that RabbitMQ named for one connection: an answer to any other queue would be a message for someone else.
 */
const REPLY_QUEUE = /^amq\.gen-[\w-]{22}$/;

/** The routing key that pollers of this queue listen to. */
export function requestsKey(queue: string): string {
  const key = `smart-shopping record ${queue}`;
  // For a very long name its hash, because routing keys have at most 255 bytes.
  return Buffer.byteLength(key) <= MOST_NAME_BYTES ? key : createHash('sha256').update(key).digest('hex');
}

export interface RecordingRequest {
  /** The queue that gets the lines of the recording. */
  readonly replyTo: string;
  /** `end` requests a last line; `latest` requests past invocations, once. */
  readonly wish: 'record' | 'end' | 'latest';
  /** Only this one of the latest invocations. */
  readonly requestId?: string;
}

const WISHES: ReadonlySet<unknown> = new Set<RecordingRequest['wish']>(['record', 'end', 'latest']);

export function encodeRequest(request: RecordingRequest): string {
  return JSON.stringify({ v: 1, ...request });
}

/**
 * Undefined for anything that is not a request of this version: anyone may publish anything. Checked by hand, because each thread
 * that serves a queue would otherwise load a schema library for these few fields, and start half as fast again.
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

import { createHash } from 'node:crypto';
import { z } from 'zod';

/** On every virtual host: nothing has to be declared for it. */
export const REQUESTS_EXCHANGE = 'amq.direct';

/** Whoever asks must ask again within this time, or is forgotten: the one who asked may be gone. */
export const LEASE_MS = 15_000;

const MOST_NAME_BYTES = 255;

/** Where a poller listens that serves this queue. */
export function requestsKey(queue: string): string {
  const key = `smart-shopping record ${queue}`;
  // Of a very long name its hash: routing keys have 255 bytes.
  return Buffer.byteLength(key) <= MOST_NAME_BYTES ? key : createHash('sha256').update(key).digest('hex');
}

const REQUEST = z.object({
  v: z.literal(1),
  /** The queue that gets the lines of the recording. */
  replyTo: z.string().min(1).max(MOST_NAME_BYTES),
  /** `end` asks for a last line. */
  wish: z.enum(['record', 'end']),
});

export type RecordingRequest = Omit<z.infer<typeof REQUEST>, 'v'>;

export function encodeRequest(request: RecordingRequest): string {
  return JSON.stringify({ v: 1, ...request });
}

/** Undefined for whatever is no request of this version: anybody can publish anything. */
export function decodeRequest(json: string): RecordingRequest | undefined {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return undefined;
  }
  return REQUEST.safeParse(body).data;
}

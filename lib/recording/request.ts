import { createHash } from 'node:crypto';
import type { RecordingRequest } from './read-request.js';

/** On every virtual host: nothing has to be declared for it. */
export const REQUESTS_EXCHANGE = 'amq.direct';

/** Whoever asks must ask again within this time, or is forgotten: the one who asked may be gone. */
export const LEASE_MS = 15_000;

export const MOST_NAME_BYTES = 255;

/** Where a poller listens that serves this queue. */
export function requestsKey(queue: string): string {
  const key = `smart-shopping record ${queue}`;
  // Of a very long name its hash: routing keys have 255 bytes.
  return Buffer.byteLength(key) <= MOST_NAME_BYTES ? key : createHash('sha256').update(key).digest('hex');
}

export function encodeRequest(request: RecordingRequest): string {
  return JSON.stringify({ v: 1, ...request });
}

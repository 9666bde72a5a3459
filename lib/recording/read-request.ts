import { z } from 'zod';
import { MOST_NAME_BYTES } from './request.js';

const REQUEST = z.object({
  v: z.literal(1),
  /** The queue that gets the lines of the recording. */
  replyTo: z.string().min(1).max(MOST_NAME_BYTES),
  /** `end` asks for a last line. */
  wish: z.enum(['record', 'end']),
});

export type RecordingRequest = Omit<z.infer<typeof REQUEST>, 'v'>;

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

import { z } from 'zod';

/**
 * A recording is a file of lines, each a JSON object. It holds what a function was given and what it answered, with the
 * memory it had at the beginning, so that it can be given all of that again.
 */
const BEGIN = z.object({
  kind: z.literal('begin'),
  v: z.literal(1),
  /** Who recorded, as the broker lists its connection. */
  name: z.string(),
  queue: z.string().min(1).max(255),
  vhost: z.string(),
  eventSourceArn: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** Whether the function's `batchItemFailures` count. */
  partialFailures: z.boolean(),
  /** The function's memory was so large that it is not in the recording. */
  entriesLeftOff: z.int().optional(),
});

/** Some entries of the function's memory; before the first invocation. */
const MEMORY = z.object({ kind: z.literal('memory'), entries: z.array(z.tuple([z.string(), z.json()])) });

const MESSAGE = z.object({
  redelivered: z.boolean(),
  exchange: z.string(),
  routingKey: z.string(),
  /** Of AMQP, as amqplib names and types them; bytes in headers are `{"!":"bytes","value":"<base64>"}`. */
  properties: z.record(z.string(), z.json()),
  /** All of them in base64, as they were on the wire: what JSON cannot hold is in here. */
  wire: z.base64().optional(),
  /** Base64. */
  body: z.base64(),
});

const INVOCATION = z.object({
  kind: z.literal('invocation'),
  /** ISO 8601. */
  at: z.string(),
  messages: z.array(MESSAGE).min(1),
  /** What the function answered; missing where it failed. */
  answer: z.object({ batchItemFailures: z.array(z.json()), outgoing: z.array(z.json()) }).optional(),
  /** How it failed: its messages came again. */
  error: z.string().optional(),
});

/** Invocations that were left off: too large, or the broker took no messages just then. */
const GAP = z.object({ kind: z.literal('gap'), invocations: z.int().min(1) });

/** The answer to a wish for an end: nothing follows from this poller. */
const END = z.object({
  kind: z.literal('end'),
  /** Whether it had recorded anything: of those who serve a queue only one does. */
  begun: z.boolean(),
});

/** The answer to a wish that is not granted; nothing else follows. */
const REFUSED = z.object({ kind: z.literal('refused'), reason: z.string() });

const LINE = z.discriminatedUnion('kind', [BEGIN, MEMORY, INVOCATION, GAP, END, REFUSED]);

export type RecordingLine = z.infer<typeof LINE>;
export type RecordedMessage = z.infer<typeof MESSAGE>;

/** @throws Error that says what is wrong with the line */
export function parseRecordingLine(line: string): RecordingLine {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new Error('it is not JSON');
  }
  const parsed = LINE.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
}

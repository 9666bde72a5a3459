import { z } from 'zod';

/**
 * A recording is a file of lines, each a JSON object. It holds what a function received and answered, and the memory that it had
 * at the beginning, so that all of that can be given to it again.
 */
const BEGIN = z.object({
  kind: z.literal('begin'),
  v: z.literal(1),
  /** The recording poller, as the broker lists its connection. */
  name: z.string(),
  queue: z.string().min(1).max(255),
  vhost: z.string(),
  eventSourceArn: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** Whether the function's `batchItemFailures` count. */
  partialFailures: z.boolean(),
  /** The function's memory was too large to be recorded. */
  entriesLeftOff: z.int().optional(),
});

/** Some entries of the function's memory, before the first invocation. */
const MEMORY = z.object({ kind: z.literal('memory'), entries: z.array(z.tuple([z.string(), z.json()])) });

const MESSAGE = z.object({
  redelivered: z.boolean(),
  exchange: z.string(),
  routingKey: z.string(),
  /** AMQP properties, as amqplib names and types them; bytes in headers are `{"!":"bytes","value":"<base64>"}`. */
  properties: z.record(z.string(), z.json()),
  /** All properties in base64, as they were on the wire, including what JSON cannot represent. */
  wire: z.base64().optional(),
  /** Base64. */
  body: z.base64(),
});

const INVOCATION = z.object({
  kind: z.literal('invocation'),
  /** ISO 8601. */
  at: z.string(),
  messages: z.array(MESSAGE).min(1),
  /** What the function answered; missing if it failed. */
  answer: z.object({ batchItemFailures: z.array(z.json()), outgoing: z.array(z.json()) }).optional(),
  /** How it failed: its messages came again. */
  error: z.string().optional(),
});

/** Invocations that were left off: too large, or the broker accepted no messages at that time. */
const GAP = z.object({ kind: z.literal('gap'), invocations: z.int().min(1) });

/** The answer to a request to end: nothing follows from this poller. */
const END = z.object({
  kind: z.literal('end'),
  /** Whether it had recorded anything: of those that serve a queue only one does. */
  begun: z.boolean(),
});

/** The answer to a request that was refused; nothing else follows. */
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

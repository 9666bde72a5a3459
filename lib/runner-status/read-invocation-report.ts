import { z } from 'zod';
import { LONGEST_ID, LONGEST_STACK, LONGEST_TEXT, MOST_ITEMS, MOST_LINES, MOST_SENT } from './invocation-report.js';

const TEXT = z.string().max(LONGEST_TEXT);
const NAME = z.string().max(LONGEST_ID);
const MS = z.number().min(0);

const ITEM = z.object({
  /** Missing if its sender set none. */
  messageId: NAME.optional(),
  /** As its sender says, in milliseconds since 1970. */
  sentAt: MS.optional(),
  /** The ids of messages that follow from it, the first MOST_SENT. */
  sent: z.array(NAME).max(MOST_SENT).readonly(),
  /** Why the handler refused it for good. */
  rejected: TEXT.optional(),
  /** The handler reported that it failed, and it is tried again. */
  retried: z.literal(true).optional(),
});

const INVOCATION_REPORT = z.object({
  v: z.literal(1),
  /** `awsRequestId`, as in the handler's context and log. */
  requestId: z.string().max(64),
  /** The runner, as the broker lists its connection. */
  name: NAME,
  queue: NAME,
  /** Milliseconds since 1970. The other times are relative to this. */
  startedAt: MS,
  handlerMs: MS,
  /** Until the broker had confirmed everything to be sent; missing if the invocation failed. */
  confirmedMs: MS.optional(),
  /** Until its messages were acknowledged or rejected; missing if the invocation failed. */
  settledMs: MS.optional(),
  /** Why it failed: the error, or what is wrong with the answer. */
  error: TEXT.optional(),
  /** Where it was thrown. */
  stack: z.string().max(LONGEST_STACK).optional(),
  messages: z.int().min(0),
  /** The first MOST_ITEMS of them. */
  items: z.array(ITEM).max(MOST_ITEMS).readonly(),
  /** What the handler wrote in the meantime, to stdout and stderr: the first MOST_LINES. */
  lines: z.array(TEXT).max(MOST_LINES).readonly(),
  linesLeftOff: z.int().min(0),
});

/** One call of a handler, as reported by its runner. */
export type InvocationReport = Omit<z.infer<typeof INVOCATION_REPORT>, 'v'>;
export type InvocationItem = InvocationReport['items'][number];

/** Undefined for anything that is not a report of this version: anyone may publish anything. */
export function decodeInvocationReport(json: string): InvocationReport | undefined {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = INVOCATION_REPORT.safeParse(body);
  if (!parsed.success) return undefined;
  const { v: _, ...report } = parsed.data;
  return report;
}

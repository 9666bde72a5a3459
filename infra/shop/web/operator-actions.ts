import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { HttpHandler } from '../../../lib/lambda/function/http-function.js';
import { invocation, toEvent } from '../../http/lambda-event.js';
import type { DeadLetterActions } from './dead-letter-actions.js';
import type { RanAgain } from './page-messages.js';
import { CannotRunAgain } from './run-again.js';
import type { Admitted } from './sessions.js';
import type { WebTraces } from './traces.js';

/** What an operator can do. */
export interface OperatorActions {
  readonly deadLetters: DeadLetterActions;
  /** The sensor's own limit. */
  readonly sensor: HttpHandler;
  /** @throws CannotRunAgain */
  readonly runAgain: (queue: string, requestId: string) => Promise<RanAgain>;
  readonly traces: WebTraces;
}

/** Enough for a few hundred events with long names. */
const BODY_BYTES = 256 * 1024;
const MOST_IDS = 1_000;

const WHICH = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ ids: z.array(z.string().max(64)).min(1).max(MOST_IDS) }),
]);

const INVOCATION = z.strictObject({ queue: z.string().min(1).max(255), requestId: z.uuid() });

/** The shop floor's POST requests, for everyone who has been let in there. */
export function operatorApp({ deadLetters, sensor, runAgain, traces }: OperatorActions): Hono<Admitted> {
  const app = new Hono<Admitted>();
  app.use(ownPagesOnly, bodyLimit({ maxSize: BODY_BYTES, onError: (context) => context.text('Too long.', 413) }));
  for (const kind of ['redrive', 'purge'] as const) {
    app.post(`/${kind}`, async (context) => {
      const which = WHICH.safeParse(await jsonOf(context));
      if (!which.success) return context.text('Pass { "ids": [...] } or { "all": true }.', 400);
      const by = context.get('who');
      const chosen = 'all' in which.data ? 'all' : which.data.ids;
      const started = deadLetters.start({ kind, which: chosen, by: `the shop floor, session ${by}` });
      traces.acts(by, kind, { which: chosen, started });
      if (!started) return context.text('Another action is under way: wait until it ends.', 409);
      return context.body(null, 202);
    });
  }
  app.post('/events', async (context) => {
    traces.acts(context.get('who'), 'send events');
    const { statusCode = 200, headers, body } = await sensor(await toEvent(context), invocation('shopping-sensor'));
    return new Response(body, { status: statusCode, headers: headers as Record<string, string> });
  });
  let isRunning = false;
  app.post('/run-again', async (context) => {
    const invoked = INVOCATION.safeParse(await jsonOf(context));
    if (!invoked.success) return context.text('Say which: { "queue": "...", "requestId": "..." }.', 400);
    const { queue, requestId } = invoked.data;
    traces.acts(context.get('who'), 'run again', { queue, requestId });
    if (isRunning) return context.text('Another action is under way: wait until it ends.', 409);
    isRunning = true;
    try {
      return context.json(await runAgain(queue, requestId));
    } catch (error) {
      if (error instanceof CannotRunAgain) return context.text(error.message, 409);
      throw error;
    } finally {
      isRunning = false;
    }
  });
  return app;
}

/** A form on another page can send neither: browsers send the origin with every POST, and ask first before they send JSON. */
const ownPagesOnly: MiddlewareHandler = async (context, next) => {
  if (context.req.header('origin') === undefined) return context.text('Only the page itself may do that.', 403);
  if (!/^application\/json\b/.test(context.req.header('content-type') ?? '')) return context.text('Only JSON.', 415);
  await next();
};

async function jsonOf({ req }: Context): Promise<unknown> {
  return req.json().catch(() => undefined);
}

import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { News, PageSubscription } from './page-subscription.js';

/** The time between a lost connection and the browser's next attempt. */
const RETRY_MS = 1_000;

/**
 * Sends a page its news for as long as it listens, as server-sent events with JSON data.
 * @param tell makes the message from the news, at the moment it is sent
 */
export function streamNews<Item>(
  context: Context,
  subscribe: (signal: AbortSignal) => PageSubscription<Item>,
  tell: (news: News<Item>) => object,
): Response {
  return streamSSE(context, async (stream) => {
    const left = new AbortController();
    stream.onAbort(() => left.abort());
    const subscription = subscribe(left.signal);
    for (;;) {
      const news = await subscription.take(left.signal);
      if (news === undefined) return;
      await stream.writeSSE({ data: JSON.stringify(tell(news)), retry: RETRY_MS });
    }
  });
}

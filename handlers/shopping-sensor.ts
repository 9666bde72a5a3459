import {
  type HttpDecision,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  httpFunction,
  type Publish,
  problemResponse,
} from '../lib/lambda/function/http-function.js';
import { adapterLog, createLogger } from '../lib/lambda/function/logger.js';
import { createSender } from '../lib/lambda/function/publishing.js';
import type { ShoppingEvent } from '../lib/shop/domain/events.js';
import { derivedMessageId } from '../lib/shop/domain/message-id.js';
import { type ShopMessage, shoppingEventMessage } from '../lib/shop/domain/messages.js';
import { type Decoded, decodeJson, readShoppingEvent } from '../lib/shop/domain/wire.js';

/** A shopping event has a few hundred bytes. */
const MAX_EVENT_BYTES = 16 * 1024;
export const MAX_LIST_BYTES = 1024 * 1024;
const MOST_EVENTS = 1_000;
/** Problems are listed for the first invalid events of a list; the others are only marked as invalid. */
const MOST_PROBLEMS = 20;

/**
 * `POST /shopping-events`, with one event or a list of events.
 * One event: 202 once the broker has confirmed it; 400, 413 or 415 for anything that is not an event; 403 for a page of another
 * origin; 503 to try again.
 * A list: the same per event, in `results`, with 202 if all are accepted, 207 if some are refused, and 503.
 */
export function shoppingSensor(publish: Publish): HttpHandler {
  return httpFunction(
    'shopping-sensor',
    ({ body, headers, requestId, traceparent }) => {
      if (isOfAnotherPage(headers)) return refusal(403, 'requests from pages of another origin are refused');
      const limit = isList(body) ? MAX_LIST_BYTES : MAX_EVENT_BYTES;
      if (body.length > limit) return refusal(413, `the body has more than ${limit} bytes`);
      if (!isJson(headers['content-type'])) return refusal(415, 'the content-type is not application/json');
      const json = decodeJson(body);
      // A request that is repeated with its key means the same events; without a key, repeated events are new ones.
      const key = headers['idempotency-key'] ?? requestId;
      const origin = { key, traceparent };
      if (json.ok && Array.isArray(json.value)) return decideList(json.value, origin);
      return decideOne(json.ok ? readShoppingEvent(json.value) : json, origin);
    },
    publish,
  );
}

/** What the events of one request have in common. */
interface Origin {
  readonly key: string;
  readonly traceparent: string | undefined;
}

function decideOne(decoded: Decoded<ShoppingEvent>, origin: Origin): HttpDecision {
  const item = itemOf(decoded, origin);
  if (item.message === undefined) return { response: item.answer, outgoing: [] };
  return { response: item.answer, outgoing: [item.message], unsent: item.unsent };
}

function decideList(list: readonly unknown[], origin: Origin): HttpDecision {
  if (list.length === 0) return refusal(400, 'the list is empty');
  if (list.length > MOST_EVENTS) {
    return refusal(413, `the list has ${list.length} events, more than ${MOST_EVENTS}: send it in parts`);
  }
  let told = 0;
  const items = list.map((json) => {
    const decoded = readShoppingEvent(json);
    if (decoded.ok) return itemOf(decoded, origin);
    const problems = decoded.problems.slice(0, MOST_PROBLEMS - told);
    told += problems.length;
    return itemOf({ ok: false, problems }, origin);
  });
  const answers = items.map(({ answer }) => answer);
  const outgoing = items.flatMap(({ message }) => message ?? []);
  return {
    response: resultsOf(outgoing.length === items.length ? 202 : 207, answers),
    outgoing,
    unsent: resultsOf(
      503,
      items.map((item) => (item.message === undefined ? item.answer : item.unsent)),
    ),
  };
}

/** One event: its answer, and what is sent for it. */
type Item =
  | { readonly answer: HttpResponse; readonly message: ShopMessage; readonly unsent: HttpResponse }
  | { readonly answer: HttpResponse; readonly message?: undefined };

function itemOf(decoded: Decoded<ShoppingEvent>, { key, traceparent }: Origin): Item {
  if (!decoded.ok) {
    const { problems } = decoded;
    return { answer: problemResponse(400, 'not a shopping event', problems.length > 0 ? { errors: problems } : {}) };
  }
  const { value: event } = decoded;
  // The event is part of the id, too, so a key that is used for two events loses neither.
  const body = Buffer.from(JSON.stringify(event));
  const messageId = derivedMessageId({ messageId: key, body }, 'shopping event');
  return {
    answer: { statusCode: 202, body: { message_id: messageId } },
    message: shoppingEventMessage(event, messageId, traceparent),
    unsent: problemResponse(503, 'not accepted yet: send it again with this Idempotency-Key', {
      message_id: messageId,
      idempotency_key: key,
    }),
  };
}

function resultsOf(statusCode: number, answers: readonly HttpResponse[]): HttpResponse {
  return { statusCode, body: { results: answers.map(({ statusCode: status, body }) => ({ status, ...body })) } };
}

function refusal(statusCode: number, detail: string): HttpDecision {
  return { response: problemResponse(statusCode, detail), outgoing: [] };
}

/** Recognized by its beginning, before anything is parsed. */
function isList(body: Uint8Array): boolean {
  return Buffer.from(body.subarray(0, 100)).toString('latin1').trimStart().startsWith('[');
}

/**
 * Whether the request comes from a page in a browser that this server did not serve: browsers say so, other programs send no such
 * header. Without a content type such a page could send without a preflight request.
 */
function isOfAnotherPage({ origin, host, 'sec-fetch-site': site }: HttpRequest['headers']): boolean {
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host);
}

/** A sender that states no content type may mean JSON; one that states another type does not. */
function isJson(contentType = 'application/json'): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType);
}

/** Less than the function's own timeout (serverless.yml), so that the caller still gets an answer. */
const PUBLISH_TIMEOUT_MS = 5_000;

const sender = createSender({
  amqpUrl: process.env['AMQP_URL'] ?? 'amqp://127.0.0.1:5672',
  name: 'shopping-sensor',
  log: adapterLog(createLogger('shopping-sensor')),
  timeoutMs: PUBLISH_TIMEOUT_MS,
});

export const handler = shoppingSensor(sender.publish);

import {
  type HttpDecision,
  type HttpHandler,
  httpFunction,
  type Publish,
  problem,
} from '../lib/lambda/http-function.js';
import { adapterLog, createLogger } from '../lib/lambda/logger.js';
import { createSender } from '../lib/lambda/publishing.js';
import { derivedMessageId } from '../lib/shop/message-id.js';
import { shoppingEventMessage } from '../lib/shop/messages.js';
import { decodeShoppingEvent } from '../lib/shop/wire.js';

/** A shopping event has a few hundred bytes. */
const MAX_BODY_BYTES = 16 * 1024;

/** `POST /shopping-events`: 202 once the broker has the event safe, 400, 413 or 415 for what is no event, 503 to try again. */
export function shoppingSensor(publish: Publish): HttpHandler {
  return httpFunction(
    'shopping-sensor',
    ({ body, headers, requestId }) => {
      if (body.length > MAX_BODY_BYTES) return refusal(413, `the body has more than ${MAX_BODY_BYTES} bytes`);
      if (!isJson(headers['content-type'])) return refusal(415, 'the content-type is not application/json');
      const decoded = decodeShoppingEvent(body);
      if (!decoded.ok) return refusal(400, 'not a shopping event', { errors: decoded.problems });
      // A repeated request is one event; the body counts too, so a key used twice swallows nothing.
      const key = headers['idempotency-key'] ?? requestId;
      const messageId = derivedMessageId({ messageId: key, body }, 'shopping event');
      return {
        response: { statusCode: 202, body: { message_id: messageId } },
        outgoing: [shoppingEventMessage(decoded.value, messageId)],
        unsent: {
          statusCode: 503,
          body: problem(503, 'not accepted yet: send it again with this Idempotency-Key', {
            message_id: messageId,
            idempotency_key: key,
          }),
        },
      };
    },
    publish,
  );
}

function refusal(statusCode: number, detail: string, more?: Record<string, unknown>): HttpDecision {
  return { response: { statusCode, body: problem(statusCode, detail, more) }, outgoing: [] };
}

/** A sender that says nothing about its body may mean JSON; one that says something else does not. */
function isJson(contentType = 'application/json'): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType);
}

const sender = createSender({
  amqpUrl: process.env['AMQP_URL'] ?? 'amqp://127.0.0.1:5672',
  name: 'shopping-sensor',
  log: adapterLog(createLogger('shopping-sensor')),
});

export const handler = shoppingSensor(sender.publish);

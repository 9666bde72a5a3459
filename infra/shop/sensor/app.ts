import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { MAX_LIST_BYTES } from '../../../handlers/shopping-sensor.js';
import { type HttpHandler, problem } from '../../../lib/lambda/function/http-function.js';
import { invocation, toEvent } from '../../http/lambda-event.js';
import { type OwnNames, ownNamesOnly } from '../../http/own-names.js';

const PATH = '/shopping-events';

/** Plain HTTP in front of the sensor's Lambda handler, which receives what API Gateway would send it. */
export function createSensorApp(handler: HttpHandler, names: () => OwnNames): Hono {
  const app = new Hono();
  app.use(ownNamesOnly(names));
  app.post(PATH, limited(), async (context) => {
    const { statusCode = 200, headers, body } = await handler(await toEvent(context), invocation('shopping-sensor'));
    return new Response(body, { status: statusCode, headers: headers as Record<string, string> });
  });
  app.all(PATH, (context) => {
    context.header('allow', 'POST');
    return refuse(context, 405, 'only POST');
  });
  app.notFound((context) => refuse(context, 404, `there is only POST ${PATH}`));
  app.onError((_, context) => refuse(context, 500, 'the handler failed'));
  return app;
}

/** Refuses bodies that are too long. A body of declared length need not be counted, because Node reads no more than that. */
function limited(): MiddlewareHandler {
  const counting = bodyLimit({
    maxSize: MAX_LIST_BYTES,
    onError: (context) => {
      // The rest of the body is not read, so the connection cannot be used again.
      context.header('connection', 'close');
      return refuse(context, 413, `the body has more than ${MAX_LIST_BYTES} bytes`);
    },
  });
  return (context, next) => {
    const told = Number(context.req.header('content-length'));
    const isCoded = context.req.header('transfer-encoding') !== undefined;
    return told <= MAX_LIST_BYTES && !isCoded ? next() : counting(context, next);
  };
}

function refuse(context: Context, status: 404 | 405 | 413 | 500, detail: string): Response {
  return context.json(problem(status, detail), status, { 'content-type': 'application/problem+json' });
}

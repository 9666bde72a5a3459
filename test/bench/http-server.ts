import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { fastify } from 'fastify';
import { shoppingSensor } from '../../handlers/shopping-sensor.js';
import { listen } from '../../infra/http/listen.js';
import { createSensorApp } from '../../infra/shop/sensor/app.js';
import { adapterLog, createLogger } from '../../lib/lambda/function/logger.js';
import { createSender } from '../../lib/lambda/function/publishing.js';
import { SHOPPING_EVENTS_EXCHANGE } from '../../lib/shop/domain/topology.js';
import { serveParent } from './parent.js';

/** A sensor over HTTP: ours, run like the command `sensor`, or Fastify and amqplib as one would write it for this job. */

const { amqpUrl, kind } = JSON.parse(process.argv[2] ?? '') as { amqpUrl: string; kind: 'ours' | 'fastify' };

const origin = kind === 'ours' ? await serveOurs() : await serveFastify();
serveParent({ origin: () => origin });

async function serveOurs(): Promise<string> {
  const log = adapterLog(createLogger('bench'));
  const sender = createSender({ amqpUrl, name: 'bench', log });
  const listening = await listen((names) => createSensorApp(shoppingSensor(sender.publish), names), {
    host: '127.0.0.1',
    port: 0,
    signal: new AbortController().signal,
    patient: true,
  });
  return listening.origin;
}

interface Body {
  readonly product_number: string;
}

async function serveFastify(): Promise<string> {
  const channel = await (await connect(amqpUrl, { noDelay: true })).createConfirmChannel();
  const app = fastify();
  const text = { type: 'string', minLength: 1, maxLength: 255 };
  const body = {
    type: 'object',
    required: ['event_type', 'product_number', 'timestamp'],
    additionalProperties: false,
    properties: { event_type: { enum: ['pick up', 'purchase'] }, product_number: text, timestamp: text },
  };
  app.post<{ Body: Body }>('/shopping-events', { schema: { body } }, async (request, reply) => {
    const messageId = randomUUID();
    const options = { messageId, persistent: true, mandatory: true, contentType: 'application/json' };
    await new Promise<void>((resolve, reject) => {
      const content = Buffer.from(JSON.stringify(request.body));
      channel.publish(SHOPPING_EVENTS_EXCHANGE, request.body.product_number, content, options, (error: unknown) =>
        error === null ? resolve() : reject(error),
      );
    });
    return reply.code(202).send({ message_id: messageId });
  });
  return app.listen({ host: '127.0.0.1', port: 0 });
}

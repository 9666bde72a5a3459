import type { Context } from 'aws-lambda';
import type { RmqEvent } from '../../../lib/lambda/event/rmq-event.js';
import { buildRmqEvent } from '../../../lib/lambda/event/rmq-event-builder.js';
import type { HandlerContext } from '../../../lib/lambda/runtime/handler.js';
import { StagedStore } from '../../../lib/state/staged-store.js';

export interface Sent {
  readonly body: unknown;
  readonly messageId?: string;
  readonly headers?: Record<string, string>;
}

/** The event that a function gets for these messages; a Buffer is sent as it is, anything else as JSON. */
export function batchOf(queue: string, messages: readonly Sent[]): RmqEvent {
  const source = { queue, vhost: '/', eventSourceArn: 'arn:aws:mq:us-east-1:000000000000:broker:shop:b-1' };
  return buildRmqEvent(
    source,
    messages.map(({ body, messageId, headers = {} }) => ({
      content: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
      properties: { contentType: 'application/json', deliveryMode: 2, headers, messageId },
      fields: { redelivered: false },
    })),
  );
}

/** What Lambda passes next to the event; with a store it is what the adapter passes. */
export function lambdaContext(): Context {
  return { functionName: 'test', awsRequestId: 'b3e6a2a0-0000-4000-8000-000000000001' } as Context;
}

export function contextWith<Value>(store: StagedStore<Value> = new StagedStore<Value>()): HandlerContext<Value> {
  return { ...lambdaContext(), store };
}

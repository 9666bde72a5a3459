import type { Context } from 'aws-lambda';
import type { Store } from '../../state/store.js';
import type { BatchResult } from '../event/batch-result.js';
import type { RmqEvent } from '../event/rmq-event.js';

/** Lambda's context, and the memory of the queue that the batch came from. */
export type HandlerContext<Value> = Context & { readonly store: Store<Value> };

/** A function that decides about one batch of a queue. */
export type QueueHandler<Value> = (event: RmqEvent, context: HandlerContext<Value>) => Promise<BatchResult>;

import { CUSTOMER_APP_EVENTS, DEAD_LETTER_LOG, SHOP, stream, WORKER_STATUS } from '../domain/topology.js';

export const CUSTOMER_STREAM = 'shop_floor.customer_app_events';
/** An exchange that leads nowhere, for checking whether the broker accepts messages. */
export const ALARM_PROBE = 'shop_floor.probe';
/**
 * The stream that earlier versions bound to the dead-letter exchange: a header that no stream can hold ended all dead-lettering.
 */
export const FORMER_STREAM = 'shop_floor.dead_letters';

const LISTENED_TO = [CUSTOMER_APP_EVENTS, WORKER_STATUS, DEAD_LETTER_LOG];
const MEGABYTE = 1_000_000;

/**
 * The streams that the shop floor is read from. Reading takes nothing from anyone: a stream has any number of readers and keeps
 * what they read. The hash exchange is left alone, because every queue that is bound to it takes a share of the events away from
 * the workers.
 */
export const FLOOR_STREAMS = {
  exchanges: [
    ...SHOP.exchanges.filter(({ name }) => LISTENED_TO.includes(name)),
    { name: ALARM_PROBE, type: 'fanout', durable: true },
  ],
  queues: [...SHOP.queues.filter(({ name }) => LISTENED_TO.includes(name)), stream(CUSTOMER_STREAM, 16 * MEGABYTE, 8)],
  bindings: [
    ...SHOP.bindings.filter(({ queue }) => LISTENED_TO.includes(queue)),
    { exchange: CUSTOMER_APP_EVENTS, queue: CUSTOMER_STREAM, routingKey: '#' },
  ],
};

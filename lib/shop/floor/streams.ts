import { CUSTOMER_APP_EVENTS, DEAD_LETTER_LOG, SHOP, stream, WORKER_STATUS } from '../domain/topology.js';

export const CUSTOMER_STREAM = 'shop_floor.customer_app_events';
/** An exchange that leads nowhere, for those who ask whether the broker takes messages. */
export const ALARM_PROBE = 'shop_floor.probe';
/** The stream that earlier versions bound to the dead-letter exchange: a header that no stream can hold ended all dead-lettering. */
export const FORMER_STREAM = 'shop_floor.dead_letters';

const LISTENED_TO = [CUSTOMER_APP_EVENTS, WORKER_STATUS, DEAD_LETTER_LOG];
const MEGABYTE = 1_000_000;

/**
 * What the shop floor is read from. That takes nothing from anybody: a stream has as many readers as it likes and keeps what
 * they read. The hash exchange is left alone, because every queue bound to it takes its share of the events away from the
 * workers.
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

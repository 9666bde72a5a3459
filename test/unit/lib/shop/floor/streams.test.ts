import { expect, it } from 'vitest';
import { DEAD_LETTER_EXCHANGE, SHOPPING_EVENTS_EXCHANGE } from '../../../../../lib/shop/domain/topology.js';
import { FLOOR_STREAMS } from '../../../../../lib/shop/floor/streams.js';

it('the floor is read from streams, none of which takes events from the workers or listens to dead letters', () => {
  const exchanges = FLOOR_STREAMS.bindings.map(({ exchange }) => exchange);
  expect(exchanges).not.toContain(SHOPPING_EVENTS_EXCHANGE);
  expect(exchanges).not.toContain(DEAD_LETTER_EXCHANGE);
  const streams = FLOOR_STREAMS.queues.filter((queue) => queue.arguments['x-queue-type'] === 'stream');
  expect(streams).toEqual(FLOOR_STREAMS.queues);
  const bound = FLOOR_STREAMS.bindings.map(({ queue }) => queue);
  expect(bound).toEqual(streams.map(({ name }) => name));
});

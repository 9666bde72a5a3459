import { expect, it } from 'vitest';
import { tellOwner } from '../../../../../infra/shop/web/owner.js';
import { advance, EMPTY_FLOOR } from '../../../../../lib/shop/floor/shop-floor.js';
import { NOTHING_KNOWN } from '../../../../../lib/shop/floor/shop-status.js';
import { refused, told } from '../../../lib/shop/floor/messages.js';

it('a product that was seen twice counts once as evidence', () => {
  const floor = advance(EMPTY_FLOOR, [
    told('pick up', 'AX', 'customer-1', 'worker01'),
    refused('ZZ', 'a', { queue: 'worker01_queue' }),
    refused('ZZ', 'b', { queue: 'worker01_queue' }),
    refused('AX', 'c', { queue: 'worker01_queue' }),
  ]);
  expect(tellOwner('AX', floor, NOTHING_KNOWN).of).toBe(2);
});

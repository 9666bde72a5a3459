import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Intake } from '../../../../../infra/shop/web/intake.js';
import { LiveShop } from '../../../../../infra/shop/web/live-shop.js';
import type { FloorEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { billed, told } from '../../../lib/shop/floor/messages.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const at = (minutes: number, event: FloorEvent): FloorEvent => ({ ...event, at: minutes * 60_000 });

it('gathers the past of several streams, merges it by time, and shows it at once when it ends', () => {
  const shop = new LiveShop();
  const caughtUp = vi.fn();
  const intake = new Intake(shop, caughtUp);
  intake.take('one', [at(1, told('pick up', 'AX')), at(4, told('pick up', 'CX'))]);
  vi.advanceTimersByTime(200);
  intake.take('other', [at(2, told('pick up', 'BX')), at(6, told('pick up', 'DX'))]);
  vi.advanceTimersByTime(200);
  expect(shop.floor.feed).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(shop.floor.baskets.map(({ product }) => product)).toEqual(['AX', 'BX', 'CX', 'DX']);
  intake.take('one', [told('pick up', 'EX')]);
  expect(shop.floor.baskets).toHaveLength(5);
  expect(caughtUp).toHaveBeenCalledOnce();
});

it("believes a stream's order more than its senders' clocks", () => {
  const shop = new LiveShop();
  const intake = new Intake(shop, () => undefined);
  intake.take('one', [at(9, told('pick up', 'AX')), at(3, billed('AX', 8))]);
  vi.advanceTimersByTime(1_000);
  expect(shop.floor.baskets).toEqual([]);
});

it('does not wait for ever in a shop that is never quiet', () => {
  const shop = new LiveShop();
  const intake = new Intake(shop, () => undefined);
  for (let step = 0; step < 60; step++) {
    intake.take('one', [told('pick up', `P${step}`)]);
    vi.advanceTimersByTime(100);
  }
  expect(shop.floor.baskets).toHaveLength(60);
});

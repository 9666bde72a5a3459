import { isDeepStrictEqual } from 'node:util';
import type { Bill } from '../../lib/shop/domain/events.js';
import { decodeBill, decodeShoppingEvent } from '../../lib/shop/domain/wire.js';
import { billsOf, type SensorEvent } from './work.js';

/** The bodies that came out of the broker in one round. */
export interface Delivered {
  readonly alerts: readonly Buffer[];
  readonly bills: readonly Buffer[];
  readonly customersBills: readonly Buffer[];
}

/** @throws Error if what was delivered is not exactly one alert per event and one bill, to till and customer, per purchase. */
export function verify(events: readonly SensorEvent[], { alerts, bills, customersBills }: Delivered): void {
  const expected = billsOf(events);
  verifyBills('till', bills, expected);
  verifyBills('customers', customersBills, expected);
  const open = new Set(events.map(({ type, product }) => `${type} ${product}`));
  for (const body of alerts) {
    const decoded = decodeShoppingEvent(body);
    if (!decoded.ok || !open.delete(`${decoded.value.type} ${decoded.value.product}`)) {
      throw new Error(`an alert that should not be: ${body}`);
    }
  }
  if (open.size > 0) throw new Error(`${open.size} events have no alert`);
}

function verifyBills(receiver: string, bodies: readonly Buffer[], expected: ReadonlyMap<string, Bill>): void {
  const open = new Map(expected);
  for (const body of bodies) {
    const bill = decodeBill(body);
    if (!bill.ok || !isDeepStrictEqual(bill.value, open.get(bill.value.product))) {
      throw new Error(`a bill that should not be, at the ${receiver}: ${body}`);
    }
    open.delete(bill.value.product);
  }
  if (open.size > 0) throw new Error(`${open.size} bills are missing at the ${receiver}`);
}

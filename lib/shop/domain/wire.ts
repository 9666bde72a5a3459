import { z } from 'zod';
import { type Bill, SHOPPING_EVENT_TYPES, type ShoppingEvent } from './events.js';
import { isCustomerId, isProductNumber } from './names.js';
import { isTimestamp } from './timestamp.js';

/** The message bodies: exactly these keys, because programs in other languages tell the two apart by counting. */
export type WireShoppingEvent = z.infer<typeof SHOPPING_EVENT>;
export type WireBill = z.infer<typeof BILL>;

/** What is wrong with a body; `field` is empty if no single field is to blame. */
export interface Problem {
  readonly field: string;
  readonly problem: string;
}

export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const productNumber = z.string().refine(isProductNumber, 'must have 1 to 255 bytes');
const customerId = z
  .string()
  .refine(isCustomerId, 'must have 1 to 200 bytes and no word between dots that is "*" or "#"');
const timestamp = z.string().refine(isTimestamp, 'must be an ISO 8601 date and time');

const SHOPPING_EVENT = z.strictObject({
  event_type: z.enum(SHOPPING_EVENT_TYPES),
  product_number: productNumber,
  timestamp,
});

const BILL = z.strictObject({
  customer_id: customerId,
  product_number: productNumber,
  pickup_time: timestamp,
  purchase_time: timestamp,
  shopping_cost: z.number(),
});

/** Reads a shopping event from the bytes of a message or request. */
export function decodeShoppingEvent(body: Uint8Array): Decoded<ShoppingEvent> {
  return decode(body, SHOPPING_EVENT, toShoppingEvent);
}

/** Reads a shopping event from a JSON value. */
export function readShoppingEvent(json: unknown): Decoded<ShoppingEvent> {
  return read(json, SHOPPING_EVENT, toShoppingEvent);
}

/** Reads what a customer's app receives: a shopping event, or a bill. */
export function decodeCustomerMessage(body: Uint8Array): Decoded<ShoppingEvent | Bill> {
  const bill = decode(body, BILL, toBill);
  return bill.ok ? bill : decodeShoppingEvent(body);
}

export function decodeBill(body: Uint8Array): Decoded<Bill> {
  return decode(body, BILL, toBill);
}

export function encodeShoppingEvent({ type, product, timestamp }: ShoppingEvent): WireShoppingEvent {
  return { event_type: type, product_number: product, timestamp };
}

export function encodeBill({ customer, product, pickedUpAt, purchasedAt, cost }: Bill): WireBill {
  return {
    customer_id: customer,
    product_number: product,
    pickup_time: pickedUpAt,
    purchase_time: purchasedAt,
    shopping_cost: cost,
  };
}

function toShoppingEvent({ event_type, product_number, timestamp }: WireShoppingEvent): ShoppingEvent {
  return { type: event_type, product: product_number, timestamp };
}

function toBill({ customer_id, product_number, pickup_time, purchase_time, shopping_cost }: WireBill): Bill {
  return {
    customer: customer_id,
    product: product_number,
    pickedUpAt: pickup_time,
    purchasedAt: purchase_time,
    cost: shopping_cost,
  };
}

function decode<Wire, Value>(
  body: Uint8Array,
  schema: z.ZodType<Wire>,
  toValue: (wire: Wire) => Value,
): Decoded<Value> {
  const json = decodeJson(body);
  return json.ok ? read(json.value, schema, toValue) : json;
}

function read<Wire, Value>(json: unknown, schema: z.ZodType<Wire>, toValue: (wire: Wire) => Value): Decoded<Value> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: toValue(parsed.data) };
  return { ok: false, problems: parsed.error.issues.flatMap(problemsOf).slice(0, MOST_PROBLEMS) };
}

/** The first problems are enough for a sender to see a mistake; a list of a thousand would make a large answer. */
const MOST_PROBLEMS = 20;
/** The maximum length of a name that the sender made up. */
const LONGEST_FIELD = 100;

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: key.slice(0, LONGEST_FIELD), problem: 'is unknown' }));
  }
  // Stryker disable next-line StringLiteral: no field lies in another
  return [{ field: issue.path.join('.'), problem: issue.message }];
}

// Fatal, because `Buffer.toString` would turn bytes that are not UTF-8 into a text that no one sent.
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads any JSON value; bytes that are not UTF-8 are refused. */
export function decodeJson(body: Uint8Array): Decoded<unknown> {
  try {
    return { ok: true, value: JSON.parse(utf8.decode(body)) };
  } catch (error) {
    const problem = error instanceof SyntaxError ? 'the body is not JSON' : 'the body is not UTF-8';
    return { ok: false, problems: [{ field: '', problem }] };
  }
}

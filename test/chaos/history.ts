import type { WireBill } from '../../lib/shop/domain/wire.js';

/** Everything that happened to a shop as seen from outside: what was confirmed to its sensor, and what came out. */
export interface History {
  /** Purchases of something that was picked up before, once each however often they were sent. */
  readonly purchases: readonly Purchase[];
  /** Ids of events of unknown products. */
  readonly strangers: readonly string[];
  readonly bills: readonly { readonly id: string; readonly body: WireBill }[];
  readonly deadLetters: Iterable<string>;
  /** Events as the workers settled them. */
  readonly settled: readonly Settled[];
  /** Queues have left and joined, so a product may have been on several. */
  readonly rescaled?: boolean;
}

export interface Purchase {
  readonly product: string;
  readonly pickedUpAt: string;
  readonly purchasedAt: string;
}

export interface Settled {
  readonly queue: string;
  readonly product: string;
  readonly at: string;
}

/** What is wrong with a history, in words; and what is allowed but counted. */
export interface Findings {
  readonly wrong: readonly string[];
  /** Bills that came again under the same id. */
  readonly repeatedBills: number;
}

/**
 * Every purchase has one bill, under one id, that says what was bought; only unknown products are dead letters; order is kept.
 */
export function examine({ purchases, strangers, bills, deadLetters, settled, rescaled = false }: History): Findings {
  const wrong: string[] = [];
  const bought = new Map(purchases.map((purchase) => [keyOf(purchase.product, purchase.purchasedAt), purchase]));
  const ids = new Map<string, Set<string>>();
  let repeatedBills = 0;
  for (const { id, body } of bills) {
    const key = keyOf(body.product_number, body.purchase_time);
    const purchase = bought.get(key);
    if (purchase === undefined) wrong.push(`billed, but never bought: ${key}`);
    else if (purchase.pickedUpAt !== body.pickup_time)
      wrong.push(`billed with another pick up: ${key}, ${body.pickup_time} for ${purchase.pickedUpAt}`);
    const known = ids.get(key) ?? new Set();
    if (known.has(id)) repeatedBills++;
    ids.set(key, known.add(id));
  }
  for (const [key, under] of ids) if (under.size > 1) wrong.push(`billed under ${under.size} ids: ${key}`);
  for (const key of bought.keys()) if (!ids.has(key)) wrong.push(`lost: ${key}`);
  const unwanted = new Set(strangers);
  for (const id of deadLetters) if (!unwanted.delete(id)) wrong.push(`dead-lettered, or twice: ${id}`);
  for (const id of unwanted) wrong.push(`a stranger that is not a dead letter: ${id}`);
  return { wrong: [...wrong, ...disorder(settled, rescaled)], repeatedBills };
}

function* disorder(settled: readonly Settled[], rescaled: boolean): Generator<string> {
  const last = new Map<string, Settled>();
  for (const event of settled) {
    const before = last.get(event.product);
    if (before !== undefined && before.queue !== event.queue && !rescaled) yield `${event.product} was on two queues`;
    if (before !== undefined && before.at >= event.at) yield `${event.product}: ${event.at} after ${before.at}`;
    last.set(event.product, event);
  }
}

function keyOf(product: string, at: string): string {
  return `${product} at ${at}`;
}

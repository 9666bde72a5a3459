import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import type { GoodsMessage } from './page-messages.js';

const FOUND_AT_MOST = 20;

/** Products whose number, or whose customer's id, contains the typed text; an exact match comes first. */
export function findGoods(words: string, { products, customerOf }: Catalog): GoodsMessage {
  const wanted = words.trim().toLowerCase();
  const found: GoodsMessage['found'][number][] = [];
  const exact = customerOf(words.trim());
  if (exact !== undefined) found.push({ product: words.trim(), customer: exact });
  for (const product of products) {
    if (found.length >= FOUND_AT_MOST) break;
    const customer = customerOf(product) ?? '';
    if (product === found[0]?.product) continue;
    if (`${product}\n${customer}`.toLowerCase().includes(wanted)) found.push({ product, customer });
  }
  return { found };
}

import type { z } from 'zod';

type Json = z.core.util.JSONType;
type JsonTable = Record<string, Json>;

/** A sender may nest tables as deep as it likes. */
const MOST_DEPTH = 64;

/** A table of AMQP values in amqplib's form, as JSON. Undefined values are left out. */
export function encodeTable(table: object, depth = 0): JsonTable {
  const known = Object.entries(table).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, encoded(value, depth + 1)]));
}

/** The table that was given to `encodeTable`. */
export function decodeTable(table: JsonTable): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, decoded(value)]));
}

function encoded(value: unknown, depth: number): Json {
  if (value instanceof Uint8Array) return { '!': 'bytes', value: Buffer.from(value).toString('base64') };
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value as Json;
  if (depth > MOST_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => encoded(item, depth + 1));
  return encodeTable(value, depth);
}

function decoded(value: Json): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decoded);
  return value['!'] === 'bytes' ? Buffer.from(String(value['value']), 'base64') : decodeTable(value);
}

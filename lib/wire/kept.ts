const WIRE = Symbol('as they were on the wire');

/**
 * Keeps the bytes of properties with their decoded form, hidden from JSON. A plain assignment, because it runs for every message.
 */
export function keepWire(properties: object, wire: Buffer): void {
  (properties as { [WIRE]?: Buffer })[WIRE] = wire;
}

/** Undefined for properties that did not arrive over one of our connections. */
export function wireOf(properties: object): Buffer | undefined {
  return (properties as { readonly [WIRE]?: Buffer })[WIRE];
}

const UNREADABLE = Symbol('headers that nobody could read');

/** Keeps the names of headers that were left out of the decoded form. */
export function keepUnreadable(properties: object, names: readonly string[]): void {
  (properties as { [UNREADABLE]?: readonly string[] })[UNREADABLE] = names;
}

/** Headers that the decoded form lacks, because no decoder could be given them. */
export function unreadableHeaders(properties: object): readonly string[] | undefined {
  return (properties as { readonly [UNREADABLE]?: readonly string[] })[UNREADABLE];
}

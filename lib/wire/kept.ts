const WIRE = Symbol('as they were on the wire');

/** Keeps the bytes of properties with their decoded form, where JSON does not see them. A plain assignment, because it runs for every message. */
export function keepWire(properties: object, wire: Buffer): void {
  (properties as { [WIRE]?: Buffer })[WIRE] = wire;
}

/** Undefined for properties that did not come over a connection of ours. */
export function wireOf(properties: object): Buffer | undefined {
  return (properties as { readonly [WIRE]?: Buffer })[WIRE];
}

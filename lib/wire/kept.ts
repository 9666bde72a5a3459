const WIRE = Symbol('as they were on the wire');

/** Keeps with decoded properties what they were on the wire, where JSON does not see it. Plainly: every message comes by here. */
export function keepWire(properties: object, wire: Buffer): void {
  (properties as { [WIRE]?: Buffer })[WIRE] = wire;
}

/** Undefined for properties that did not come over a connection of ours. */
export function wireOf(properties: object): Buffer | undefined {
  return (properties as { readonly [WIRE]?: Buffer })[WIRE];
}

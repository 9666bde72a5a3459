const WIRE = Symbol('as they were on the wire');

/** Keeps with decoded properties what they were on the wire; nobody sees it who does not ask. */
export function keepWire(properties: object, wire: Buffer): void {
  Object.defineProperty(properties, WIRE, { value: wire, configurable: true });
}

/** Undefined for properties that did not come over a connection of ours. */
export function wireOf(properties: object): Buffer | undefined {
  return (properties as { readonly [WIRE]?: Buffer })[WIRE];
}

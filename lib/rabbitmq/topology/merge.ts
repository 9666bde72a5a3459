import type { Topology } from './topology.js';

/** Several parts of a topology as one; what two of them have in common is declared once. */
export function mergeTopologies(...parts: readonly Topology[]): Topology {
  const declaredBy = parts.find((part) => part.declaredBy !== undefined)?.declaredBy;
  return {
    ...(declaredBy !== undefined && { declaredBy }),
    exchanges: distinct(parts.flatMap(({ exchanges }) => exchanges)),
    queues: distinct(parts.flatMap(({ queues }) => queues)),
    bindings: distinct(parts.flatMap(({ bindings }) => bindings)),
  };
}

function distinct<Declaration>(declarations: readonly Declaration[]): Declaration[] {
  return [...new Map(declarations.map((declaration) => [JSON.stringify(declaration), declaration])).values()];
}

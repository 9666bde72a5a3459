import { REDRIVES } from '../../dead-letters/redriven.js';
import { integerEntry, writeProperties } from '../../wire/properties.js';
import { sentAgain } from '../../wire/sent-again.js';

/**
 * Headers that are left out: what the broker adds to a message that dies or comes again, `CC`, which would give copies to
 * others once more, and the count of redrives, which is written anew.
 */
const LEFT_OUT = /^(x-death|x-first-death-.*|x-last-death-.*|x-delivery-count|x-acquired-count|CC|BCC|redrives)$/;

/** The properties of a dead letter that is sent back, without what is over: `expiration`. */
export function redrivenProperties(wire: Buffer, redrives: number, idOfNone: string): Buffer {
  const added = integerEntry(REDRIVES, redrives);
  const { expiration: _, ...properties } = sentAgain(wire, { leftOut: LEFT_OUT, added, idOfNone });
  return writeProperties(properties);
}

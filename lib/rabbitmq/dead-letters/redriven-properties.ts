import { REDRIVES } from '../../dead-letters/redriven.js';
import { integerEntry, writeProperties } from '../../wire/properties.js';
import { sentAgain } from '../../wire/sent-again.js';

/**
 * Headers that are left out: those that the broker adds to a message that is dead-lettered or redelivered, `CC`, which would send
 * copies to others again, and the count of redrives, which is set anew.
 */
const LEFT_OUT = /^(x-death|x-first-death-.*|x-last-death-.*|x-delivery-count|x-acquired-count|CC|BCC|redrives)$/;

/** The properties of a redriven dead letter, without `expiration`, which has passed. */
export function redrivenProperties(wire: Buffer, redrives: number, idOfNone: string): Buffer {
  const added = integerEntry(REDRIVES, redrives);
  const { expiration: _, ...properties } = sentAgain(wire, { leftOut: LEFT_OUT, added, idOfNone });
  return writeProperties(properties);
}

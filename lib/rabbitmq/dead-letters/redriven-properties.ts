import { REDRIVES } from '../../dead-letters/redriven.js';
import {
  integerEntry,
  readProperties,
  readTable,
  textPart,
  writeProperties,
  writeTable,
} from '../../wire/properties.js';

/**
 * Headers that are left out: what the broker adds to a message that dies or comes again, `CC`, which would give copies to
 * others once more, and the count of redrives, which is written anew.
 */
const LEFT_OUT = /^(x-death|x-first-death-.*|x-last-death-.*|x-delivery-count|x-acquired-count|CC|BCC|redrives)$/;

/**
 * The properties of a dead letter that is sent back, byte for byte as they came, but for what the broker added, what only its
 * sender may say (`user_id`, which the broker checks), and what is over (`expiration`).
 * @param idOfNone for a letter without an id: should it be sent twice, whoever gets it can tell
 */
export function redrivenProperties(wire: Buffer, redrives: number, idOfNone: string): Buffer {
  const { userId: _, expiration: __, headers, messageId, ...kept } = readProperties(wire);
  const entries = headers === undefined ? [] : readTable(headers).filter(({ name }) => !LEFT_OUT.test(name.toString()));
  const hasId = messageId !== undefined && messageId.length > 1;
  return writeProperties({
    ...kept,
    headers: writeTable([...entries, integerEntry(REDRIVES, redrives)]),
    messageId: hasId ? messageId : textPart(idOfNone),
  });
}

import { readProperties, readTable, type TableEntry, textPart, type WireProperties, writeTable } from './properties.js';

export interface SentAgain {
  /** The names of headers to leave out. */
  readonly leftOut: RegExp;
  readonly added: TableEntry;
  /** For a message without an id, so that its receiver can recognize a repeat. */
  readonly idOfNone: string;
}

/**
 * The properties of a message that is sent again, byte for byte as they came, except for some headers, and for what only its
 * sender may state: `user_id`, which the broker checks.
 */
export function sentAgain(wire: Buffer, { leftOut, added, idOfNone }: SentAgain): WireProperties {
  const { userId: _, headers, messageId, ...kept } = readProperties(wire);
  const entries = headers === undefined ? [] : readTable(headers).filter(({ name }) => !leftOut.test(name.toString()));
  const hasId = messageId !== undefined && messageId.length > 1;
  return { ...kept, headers: writeTable([...entries, added]), messageId: hasId ? messageId : textPart(idOfNone) };
}

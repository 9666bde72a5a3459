import { readProperties, readTable, type TableEntry, textPart, type WireProperties, writeTable } from './properties.js';

export interface SentAgain {
  /** Names of headers that are left out. */
  readonly leftOut: RegExp;
  readonly added: TableEntry;
  /** For a message without an id: should it be sent twice, whoever gets it can tell. */
  readonly idOfNone: string;
}

/**
 * The properties of a message that is sent once more, byte for byte as they came, but for some headers, and for what only its sender
 * may say: `user_id`, which the broker checks.
 */
export function sentAgain(wire: Buffer, { leftOut, added, idOfNone }: SentAgain): WireProperties {
  const { userId: _, headers, messageId, ...kept } = readProperties(wire);
  const entries = headers === undefined ? [] : readTable(headers).filter(({ name }) => !leftOut.test(name.toString()));
  const hasId = messageId !== undefined && messageId.length > 1;
  return { ...kept, headers: writeTable([...entries, added]), messageId: hasId ? messageId : textPart(idOfNone) };
}

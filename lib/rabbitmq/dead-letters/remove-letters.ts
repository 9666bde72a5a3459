import type { DeadLetter } from '../../dead-letters/ledger.js';
import type { Connection } from '../connection/connection.js';
import { purge } from './purge.js';
import { type RedriveOptions, redrive } from './redrive.js';
import type { TakenOut } from './take-out.js';

const REMOVALS = { redrive, purge };

/** What people can do with dead letters. */
export type RemovalKind = keyof typeof REMOVALS;

/**
 * Redrives or purges dead letters as they were listed, with the reasons that people were shown.
 * @throws ChannelGoneError
 */
export async function removeLetters(
  connection: Connection,
  kind: RemovalKind,
  letters: readonly DeadLetter[],
  options: Omit<RedriveOptions, 'reasons'>,
): Promise<TakenOut> {
  if (letters.length === 0) return { done: 0, left: [] };
  const reasons = new Map(letters.map(({ id, reason }) => [id, reason]));
  return REMOVALS[kind](connection, { ...options, reasons });
}

/** The number of messages: equal ones share an id. */
export function messagesOf(letters: readonly DeadLetter[]): number {
  return letters.reduce((sum, { copies }) => sum + copies, 0);
}

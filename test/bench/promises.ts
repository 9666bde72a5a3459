/** What a worker can promise, in the order in which the ladder adds it to a bare one. */
export const PROMISES = {
  record: 'what it remembers and sends is in a changelog record first, and all is confirmed before it acknowledges',
  event: 'its handler gets the event that AWS sends, and decodes it',
  identity: 'an event is known by its id and its body: another body under an old id is another event',
  ids: 'what an event leads to has UUIDs that are the same when it comes again',
  checked: 'what its handler answers is checked before any of it is sent',
  validated: 'what is not exactly a shopping event is refused',
  owned: 'a worker that was replaced settles nothing: its records are read back first',
  traced: 'a trace goes on with what an event leads to, and invocations are reported, at most five a second',
} as const;

export type PromiseName = keyof typeof PROMISES;

/** All promises up to one of them. */
export function promisesUpTo(last: PromiseName): PromiseName[] {
  const names = Object.keys(PROMISES) as PromiseName[];
  return names.slice(0, names.indexOf(last) + 1);
}

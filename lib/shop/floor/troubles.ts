import { workerOf } from '../domain/topology.js';
import type { QueueDepth, ShopStatus } from './shop-status.js';

/** What is wrong in the shop, in a sentence. */
export interface Trouble {
  readonly key: string;
  readonly what: string;
  /** What helps. */
  readonly advice: string;
  /** The command that helps. */
  readonly command?: string;
}

/** Names come from strangers, and people copy commands: no other kind of name is put into one. */
const PLAIN_NAME = /^\w[\w.-]*$/;

/** Whether events are waiting for a worker and there is none. */
export function isDeserted({ role, present, waiting, consumers }: QueueDepth): boolean {
  return role === 'worker' && present && waiting > 0 && consumers === 0;
}

/** What a person needs to know, most urgent first. Empty if all is well, or nothing is known yet. */
export function troublesOf({ connected, alarm, queues, workers, missingLetters }: ShopStatus): readonly Trouble[] {
  if (!connected) {
    return [
      {
        key: 'broker',
        what: 'The broker is down: nothing comes in.',
        advice: 'What you see is out of date. It continues by itself as soon as the broker is back.',
      },
    ];
  }
  return [
    ...(alarm === undefined
      ? []
      : [
          {
            key: 'alarm',
            what: `The broker is ${alarm}, and accepts no messages.`,
            advice:
              'Sensor and workers wait, and nothing is lost. Free some on its machine, and it continues by itself.',
          },
        ]),
    ...queues.filter(isDeserted).map(({ name, waiting }) => ({
      key: name,
      what: `${waiting === 1 ? '1 event waits' : `${waiting} events wait`} for ${workerOf(name)}, and no worker is there.`,
      advice: 'Nothing is lost. Start one.',
      ...(PLAIN_NAME.test(name) && { command: `npx run_worker --id ${workerOf(name)} --queue ${name}` }),
    })),
    ...workers.flatMap(({ worker, skippedRecords = 0 }) =>
      skippedRecords === 0
        ? []
        : [
            {
              key: `records of ${worker}`,
              what: `${skippedRecords === 1 ? '1 record' : `${skippedRecords} records`} in what ${worker} remembers ${skippedRecords === 1 ? 'is' : 'are'} not its own, and left out.`,
              advice: 'Someone else writes there: docs/security.md says who may.',
            },
          ],
    ),
    ...(missingLetters === 0
      ? []
      : [
          {
            key: 'dead letters',
            what: `${missingLetters === 1 ? '1 refused event is' : `${missingLetters} refused events are`} missing among the dead letters.`,
            advice: 'Another program took them, or the broker does not dead-letter. See docs/dead-letters.md.',
          },
        ]),
  ];
}

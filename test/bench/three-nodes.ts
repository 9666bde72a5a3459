import { join } from 'node:path';
import { startPrivateCluster } from '../../infra/broker/private-cluster.js';
import type { Figure } from './figure.js';
import { closeAll, openStand, type Stand, workInTurns } from './sizing.js';
import { pairedRatios, spreadOf } from './statistics.js';

const QUEUES = 4;

/** The cost of three nodes on one machine: each message is written three times. */
export async function measureThreeNodes(
  oneNode: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  const cluster = await startPrivateCluster({
    folder: join('.smart-shopping', 'bench-cluster'),
    nodes: 3,
    fresh: true,
    onProgress: ({ step }) => onProgress(step),
  });
  const stands: Stand[] = [];
  try {
    const places = [
      ['one node', oneNode],
      ['three nodes', cluster.amqpUrl],
    ] as const;
    for (const changelog of [false, true]) {
      for (const [nodes, amqpUrl] of places) {
        const title = `${nodes}${changelog ? ', changelog' : ''}`;
        stands.push(await openStand({ title, amqpUrl, queues: QUEUES, changelog }));
      }
    }
    await workInTurns(stands, rounds, onProgress);
    const [one, three, oneLogged, threeLogged] = stands.map(({ rates }) => rates) as [
      number[],
      number[],
      number[],
      number[],
    ];
    return [
      ...stands.map(({ title, rates }) => ({
        what: `poll with ${QUEUES} queues, ${title}`,
        unit: 'events/s',
        spread: spreadOf(rates),
      })),
      { what: 'three nodes / one', unit: 'paired', spread: pairedRatios(three, one) },
      { what: 'three nodes / one, changelog', unit: 'paired', spread: pairedRatios(threeLogged, oneLogged) },
    ];
  } finally {
    await closeAll(stands);
    await cluster.stop();
  }
}

import { Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { z } from 'zod';
import { listen } from '../http/listen.js';
import { newSecret } from './node-folder.js';
import type { PrivateBroker } from './private-broker.js';
import type { PrivateCluster } from './private-cluster.js';

/** Where the owner of a cluster accepts commands for its nodes, on loopback. */
export interface ClusterControl {
  readonly origin: string;
  /** Anyone who has it may kill nodes. */
  readonly secret: string;
}

const NODE = z.object({
  number: z.int(),
  state: z.enum(['running', 'frozen', 'ended']),
  pid: z.int(),
  port: z.int(),
});

/** A node as its owner sees it. */
export type ClusterNode = z.infer<typeof NODE>;

export type NodeAction = 'kill' | 'freeze' | 'start';

/** What each action does, and in which states it refuses. */
const ACTIONS: Readonly<Record<NodeAction, (node: PrivateBroker) => Promise<void>>> = {
  kill: async (node) => {
    if (node.state === 'ended') throw new Error('has already ended');
    await node.kill();
  },
  freeze: async (node) => {
    if (node.state !== 'running') throw new Error(node.state === 'frozen' ? 'is already frozen' : 'has ended');
    node.freeze();
  },
  start: async (node) => {
    if (node.state === 'running') throw new Error('runs already');
    if (node.state === 'frozen') node.thaw();
    else await node.restart();
  },
};

/** Accepts commands until the signal aborts, from anyone who can read the file with the secret. */
export async function serveControl(nodes: PrivateCluster['nodes'], signal: AbortSignal): Promise<ClusterControl> {
  const secret = newSecret();
  const app = new Hono().use(bearerAuth({ token: secret }));
  app.get('/nodes', (context) => context.json(nodes.map(asSeen)));
  app.post('/nodes/:number/:action', async (context) => {
    const { number, action } = context.req.param();
    const node = nodes[Number(number) - 1];
    if (node === undefined)
      return context.text(`There is no node ${number}: the cluster has ${nodes.length} nodes.`, 404);
    if (!isAction(action)) return context.text(`There is no ${action}.`, 404);
    try {
      await ACTIONS[action](node);
    } catch (error) {
      return context.text(`Node ${number} ${(error as Error).message}.`, 409);
    }
    return context.json(nodes.map(asSeen));
  });
  const { origin } = await listen(() => app, { host: '127.0.0.1', port: 0, signal, patient: false });
  return { origin, secret };
}

function isAction(action: string): action is NodeAction {
  return Object.hasOwn(ACTIONS, action);
}

function asSeen({ state, pid, amqpUrl }: PrivateBroker, index: number): ClusterNode {
  return { number: index + 1, state, pid, port: Number(new URL(amqpUrl).port) };
}

/**
 * Asks the owner of a cluster for its nodes, after an action on one of them if one is given.
 * @throws Error with the reason if the owner refuses, in one line
 */
export async function askControl(
  { origin, secret }: ClusterControl,
  order?: { readonly node: number; readonly action: NodeAction },
): Promise<readonly ClusterNode[]> {
  const path = order === undefined ? '/nodes' : `/nodes/${order.node}/${order.action}`;
  const answer = await fetch(`${origin}${path}`, {
    method: order === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${secret}` },
  });
  if (!answer.ok) throw new Error(await answer.text());
  return z.array(NODE).parse(await answer.json());
}

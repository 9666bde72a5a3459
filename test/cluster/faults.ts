import { setTimeout as sleep } from 'node:timers/promises';
import type { PrivateBroker } from '../../infra/broker/private-broker.js';
import type { PrivateCluster } from '../../infra/broker/private-cluster.js';

/** What is done to a cluster, and undone. */
export interface Fault {
  readonly name: string;
  readonly inject: (cluster: PrivateCluster) => Promise<void>;
}

/** In seconds: the others give up a node that is silent for longer, after 3 to 5. */
export const NET_TICK = 4;

export function killed(number: number): Fault {
  return {
    name: `node ${number} killed`,
    inject: async ({ nodes }) => {
      await node(nodes, number).kill();
      await node(nodes, number).restart();
    },
  };
}

/** Kills leaders until each queue and stream has lost the one that it had. */
export function leadersKilled(): Fault {
  return {
    name: 'the leader of each queue and stream killed',
    inject: async ({ nodes }) => {
      let left = new Set((await leaders(node(nodes, 1))).keys());
      while (left.size > 0) {
        const led = [...(await leaders(node(nodes, 1)))].filter(([queue]) => left.has(queue));
        const most = mostCommon(led.map(([, leader]) => leader));
        await node(nodes, most).kill();
        await node(nodes, most).restart();
        const hit = new Set(led.filter(([, leader]) => leader === most).map(([queue]) => queue));
        left = new Set([...left].filter((queue) => !hit.has(queue)));
      }
    },
  };
}

export function frozen(number: number, seconds: number): Fault {
  return {
    name: `node ${number} frozen for ${seconds} s`,
    inject: async ({ nodes }) => {
      node(nodes, number).freeze();
      await sleep(seconds * 1_000);
      node(nodes, number).thaw();
    },
  };
}

/** Cuts the network between one node and the others for a while. */
export function splitOff(number: number, seconds: number): Fault {
  return {
    name: `node ${number} cut off for ${seconds} s`,
    inject: async ({ nodes }) => {
      const heal = await cutOff(nodes, number);
      await sleep(seconds * 1_000);
      await heal();
    },
  };
}

export const rollingRestart: Fault = {
  name: 'each node stopped and started in turn',
  inject: async ({ nodes }) => {
    for (const each of nodes) {
      await each.restart();
      // As `rabbitmq-upgrade await_online_quorum_plus_one`; otherwise the next stop would take the majority of what is not in
      // step.
      await each.ctl('eval', 'rabbit_upgrade_preparation:await_online_quorum_plus_one(60000).');
    }
  },
};

export const majorityKilled: Fault = {
  name: 'two of three killed, and back after ten seconds',
  inject: async ({ nodes }) => {
    const lost = [node(nodes, 1), node(nodes, 2)];
    await Promise.all(lost.map((each) => each.kill()));
    await sleep(10_000);
    await Promise.all(lost.map((each) => each.restart()));
  },
};

export const allKilled: Fault = {
  name: 'all killed',
  inject: async ({ nodes }) => {
    await Promise.all(nodes.map((each) => each.kill()));
    await Promise.all(nodes.map((each) => each.restart()));
  },
};

export const allStopped: Fault = {
  name: 'all stopped and started',
  inject: async ({ nodes }) => {
    await Promise.all(nodes.map((each) => each.restart()));
  },
};

function node(nodes: readonly PrivateBroker[], number: number): PrivateBroker {
  return nodes[number - 1] as PrivateBroker;
}

/** Which node leads what, by number. */
async function leaders(asked: PrivateBroker): Promise<Map<string, number>> {
  const listed = await asked.ctl('list_queues', 'name', 'leader', '--no-table-headers');
  const lines = listed.trim().split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [queue = '', leader = ''] = line.split('\t');
      const [, number] = /^rabbit-(\d)@/.exec(leader) ?? [];
      return number === undefined ? [] : [[queue, Number(number)] as const];
    }),
  );
}

function mostCommon(numbers: readonly number[]): number {
  const count = (number: number) => numbers.filter((one) => one === number).length;
  return [...new Set(numbers)].sort((one, other) => count(other) - count(one))[0] as number;
}

/** As long as `rabbitmqctl` may take to get there. */
const CUT_AFTER_MS = 5_000;

/**
 * Makes a node and the others refuse each other with cookies that do not match, which needs no root and no firewall. All at once:
 * nodes that see each other part one after the other take it for a partial partition, and pause until the whole cluster is back.
 * @returns what heals it
 */
async function cutOff(nodes: readonly PrivateBroker[], number: number): Promise<() => Promise<void>> {
  const name = (index: number): string => `'rabbit-${index + 1}@localhost'`;
  const own = number - 1;
  const others = [...nodes.keys()].filter((index) => index !== own);
  const evaluate = async (words: (names: readonly string[], side: string) => string): Promise<void> => {
    await Promise.all([
      ...others.map((index) => nodes[index]?.ctl('eval', `${words([name(own)], 'cut')}.`)),
      nodes[own]?.ctl('eval', `${words(others.map(name), 'off')}.`),
    ]);
  };
  const heal = () =>
    evaluate((names) => names.map((one) => `erlang:set_cookie(${one}, erlang:get_cookie())`).join(', '));
  for (;;) {
    const at = Date.now() + CUT_AFTER_MS;
    await evaluate((names, cookie) =>
      [
        `timer:sleep(max(0, ${at} - erlang:system_time(millisecond)))`,
        ...names.map((one) => `erlang:set_cookie(${one}, ${cookie}), erlang:disconnect_node(${one})`),
      ].join(', '),
    );
    // Some milliseconds between them are enough to pause another node, too.
    const serve = await Promise.all(
      others.map((index) => nodes[index]?.ctl('eval', 'timer:sleep(1000), rabbit:is_running().')),
    );
    if (serve.every((answer) => answer?.trim() === 'true')) return heal;
    await heal();
    await Promise.all(nodes.map((each) => each.ctl('await_startup')));
  }
}

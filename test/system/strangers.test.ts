import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Channel, connect } from 'amqplib';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { createService, type Offline, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';
import { STRANGERS } from '../support/system/strangers.js';

let service: OfflineService;

afterEach(() => service.remove());

interface Case {
  /** The file that determines the greeting. */
  readonly greeting: string;
  readonly queues?: readonly string[];
  /** On a private broker, which must have it. Otherwise one broker serves all, and the service needs none of its own. */
  readonly virtualHost?: string;
  /** Who may get a message. */
  readonly eaters?: readonly string[];
  readonly says?: readonly RegExp[];
}

const CASES: Readonly<Record<string, Case>> = {
  commonjs: { greeting: 'src/greeting.js' },
  'es-module': { greeting: 'src/greeting.js' },
  esbuild: { greeting: 'src/greeting.ts' },
  'esbuild-last': { greeting: 'src/greeting.ts' },
  typescript: { greeting: 'src/greeting.ts' },
  'typescript-module': { greeting: 'src/greeting.ts' },
  'serverless-ts': { greeting: 'src/greeting.ts' },
  'two-queues': { greeting: 'src/greeting.js', queues: ['orders', 'returns'] },
  'two-functions': { greeting: 'src/greeting.js', eaters: ['eat', 'drink'] },
  'virtual-host': { greeting: 'src/greeting.js', virtualHost: 'tenant-a' },
  mixed: { greeting: 'src/greeting.js', says: [/snake \(orders\) is not served: its runtime is python3\.13/] },
};

describe.each(Object.entries(CASES))("a stranger's service: %s", (name, { greeting, queues = ['orders'], ...more }) => {
  const { virtualHost, eaters = ['eat'], says = [] } = more;

  it('serves HTTP, handles messages, takes up a change, and ends at one Ctrl-C', async () => {
    service = createService(
      {
        [join(inject('installedPackage'), 'node_modules')]: 'node_modules',
        [`test/system/services/strangers/${name}`]: '.',
      },
      {
        'node_modules/serverless': 'node_modules/serverless',
        [join(STRANGERS, 'serverless-esbuild')]: 'node_modules/serverless-esbuild',
        [join(STRANGERS, 'esbuild')]: 'node_modules/esbuild',
      },
    );
    if (virtualHost === undefined) service.env['AMQP_URL'] = ownVirtualHost();
    const offline = await service.offline();
    expect(await (await fetch(`${offline.httpUrl}/hello`)).text()).toBe('hi');
    for (const words of says) expect(offline.output()).toMatch(words);

    const amqpUrl = service.env['AMQP_URL'] ?? `${offline.broker('.rabbitmq').amqpUrl}/${virtualHost}`;
    const model = await connect(amqpUrl);
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    for (const queue of queues) await handled(offline, channel, queue, 'ONE Ada');

    const file = join(service.folder, greeting);
    writeFileSync(file, readFileSync(file, 'utf8').replace('ONE', 'TWO'));
    await expect.poll(offline.output).toContain('eat: its code has changed; reloading');
    for (const queue of queues) await handled(offline, channel, queue, 'TWO Bob');

    await model.close();
    expect(await offline.stop()).toBe(0);
  });

  /** Sends as many as it takes, because a function may be about to reload. */
  async function handled(offline: Offline, channel: Channel, queue: string, expected: string): Promise<void> {
    const [, person = ''] = expected.split(' ');
    const handledBy = (eater: string): string =>
      `${eater} got ${expected} from ${queue}::${new URL(service.env['AMQP_URL'] ?? `amqp://x/${virtualHost}`).pathname.slice(1)}`;
    const send = (): string => {
      channel.sendToQueue(queue, Buffer.from(person));
      return offline.output();
    };
    for (const eater of eaters) await expect.poll(send, { interval: 500 }).toContain(handledBy(eater));
  }
});

import type { Channel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesOf } from '../support/system/child.js';
import {
  collect,
  createService,
  INSTALLED,
  type Offline,
  type OfflineService,
} from '../support/system/offline-service.js';

let service: OfflineService;
let offline: Offline;
let client: Channel;
let done: unknown[];

beforeAll(async () => {
  service = createService({ 'test/system/services/faults': '.' }, INSTALLED);
  offline = await service.offline();
  client = await offline.connect('.rabbitmq');
  done = await collect(client, 'done');
});

afterAll(async () => {
  await service.remove();
});

function send(queue: string, text: string): void {
  client.sendToQueue(queue, Buffer.from(text), { messageId: text, persistent: true });
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name} ${index}`);

/** Set aside after its last return. */
async function deadLetter(): Promise<unknown> {
  const letter = await client.get('dead', { noAck: true });
  return letter === false ? undefined : letter.properties.headers?.['x-first-death-queue'];
}

describe.each([
  ['hanging', /hanging \(hanging\) ended: hung for longer than its timeout of 3 s/],
  ['exiting', /exiting \(exiting\) ended: exit code 3/],
  ['leaking', /leaking \(leaking\) ended: .*memory limit/],
] as const)('a function that is %s', (queue, reason) => {
  it("is started again; its own messages and its neighbour's are all handled", async () => {
    const before = numbered(`${queue} before`, 20);
    const after = numbered(`${queue} after`, 20);
    const neighbours = numbered(`steady beside ${queue}`, 200);
    for (const text of before) send(queue, text);
    send(queue, 'fault');
    for (const text of after) send(queue, text);
    // One at a time, so that the neighbour is at work before, while and after the thread ends.
    for (const text of neighbours) {
      send('steady', text);
      await expect.poll(() => done.includes(text)).toBe(true);
    }
    await expect.poll(offline.output).toMatch(reason);
    await expect.poll(() => after.every((text) => done.includes(text))).toBe(true);
    for (const text of before) expect(done).toContain(text);
    await expect.poll(deadLetter).toBe(queue);
    expect(offline.output()).not.toMatch(/steady \(steady\) ended/);
  });
});

describe('a neighbour of a thread that hangs', () => {
  it('works on while it hangs', async () => {
    const ends = () => offline.output().match(/hanging \(hanging\) ended/g)?.length ?? 0;
    const endsBefore = ends();
    send('hanging', 'fault');
    let answered = 0;
    while (ends() === endsBefore) {
      const text = `steady while ${answered}`;
      send('steady', text);
      await expect.poll(() => done.includes(text)).toBe(true);
      answered++;
    }
    expect(answered).toBeGreaterThan(3);
  });
});

describe('Ctrl-C', () => {
  it('lets the running batch finish: it is sent, acknowledged, and not done again', async () => {
    send('steady', 'slow');
    await expect.poll(offline.output).toContain('a slow batch has begun');
    expect(await offline.stop()).toBe(0);

    offline = await service.offline();
    client = await offline.connect('.rabbitmq');
    const found = await collect(client, 'done');
    send('steady', 'after');
    await expect.poll(() => found).toContain('after');
    expect([...done, ...found].filter((text) => text === 'slow')).toEqual(['slow']);
  });

  it('ends everything at once when it is pressed again; the batch was not acknowledged and comes again', async () => {
    send('waiting', 'long');
    await expect.poll(offline.output).toContain('a long batch has begun');
    offline.process.kill('SIGINT');
    await expect.poll(offline.output).toContain('a second Ctrl-C ends everything');
    // A press may arrive twice: from the terminal and from npm.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await offline.stop()).toBe(1);
    expect(offline.output()).not.toContain('a long batch is over');
    await expect.poll(() => processesOf(service.folder)).toEqual([]);

    offline = await service.offline();
    await expect.poll(offline.output).toContain('a long batch has begun');
  });
});

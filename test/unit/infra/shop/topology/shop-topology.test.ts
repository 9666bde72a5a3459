import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actorsFor, drawMermaid } from '../../../../../infra/shop/topology/mermaid.js';
import { shopTopology } from '../../../../../infra/shop/topology/shop-topology.js';
import { mergeTopologies } from '../../../../../lib/rabbitmq/topology/merge.js';
import { customerApp, workerOf, workerQueue } from '../../../../../lib/shop/domain/topology.js';

describe('the topology', () => {
  it('is what the documentation shows', () => {
    const readme = readFileSync('docs/shop.md', 'utf8');
    const picture = drawMermaid(shopTopology(['customer-1']), actorsFor(['customer-1']));
    expect(readme).toContain(`\`\`\`mermaid\n${picture}\n\`\`\``);
  });

  it('declares once what two parts have in common, and keeps the order', () => {
    const topology = mergeTopologies(shopTopology(), workerQueue('worker02_queue'), workerQueue('worker03_queue'));
    expect(topology.bindings.map(({ queue }) => queue)).toEqual([
      'shopping_events_dead_letter_queue',
      'billing_events',
      'shopping_events_dead_letter_log',
      'worker_status',
      'worker01_queue',
      'worker02_queue',
      'worker03_queue',
    ]);
    expect(new Set(topology.queues.map(({ name }) => name)).size).toBe(topology.queues.length);
  });

  it('gives every worker queue the same weight unless told otherwise, and what pins a product to one worker', () => {
    expect(workerQueue('q').bindings).toEqual([{ exchange: 'shopping_events_exchange', queue: 'q', routingKey: '1' }]);
    expect(workerQueue('q', '2').bindings[0]?.routingKey).toBe('2');
    expect(workerQueue('q').queues[0]?.durable).toBe(true);
    expect(workerQueue('q').queues[0]?.arguments).toMatchObject({
      'x-queue-type': 'quorum',
      'x-single-active-consumer': true,
      'x-overflow': 'reject-publish',
      'x-dead-letter-strategy': 'at-least-once',
    });
  });

  it('gives a customer a queue of the newest messages, of this customer only', () => {
    expect(customerApp('ada')).toEqual({
      exchanges: [{ name: 'customer_app_events', type: 'topic', durable: true }],
      queues: [
        {
          name: 'customer_app.ada',
          durable: true,
          arguments: { 'x-max-length': 10_000, 'x-overflow': 'drop-head' },
        },
      ],
      bindings: [{ exchange: 'customer_app_events', queue: 'customer_app.ada', routingKey: 'ada' }],
    });
  });

  it('knows whose queue it is by the end of its name', () => {
    expect(['worker01_queue', 'a_queue_b', 'plain'].map(workerOf)).toEqual(['worker01', 'a_queue_b', 'plain']);
  });

  it('draws an exchange of the name of its queue as that queue', () => {
    const picture = drawMermaid(shopTopology(), actorsFor([]));
    expect(picture.match(/"billing_events"/g)).toHaveLength(1);
    expect(picture).not.toContain('unknown');
  });

  it('draws names that would end a text of Mermaid', () => {
    const topology = shopTopology(['say "hi" #1']);
    expect(drawMermaid(topology, [])).toContain('say #34;hi#34; #35;1');
  });
});

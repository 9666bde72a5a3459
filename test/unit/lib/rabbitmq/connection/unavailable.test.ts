import { describe, expect, it } from 'vitest';
import { QueueUnavailableError, untilAvailable } from '../../../../../lib/rabbitmq/connection/unavailable.js';

/** As RabbitMQ says it. */
const unavailable = () =>
  Object.assign(
    new Error(
      "Operation failed: QueueDeclare; 404 (NOT-FOUND) with message \"NOT_FOUND - home node 'shop@localhost' of durable " +
        "queue 'orders' in vhost 'till' is down or inaccessible\"",
    ),
    { code: 404 },
  );

const never = new AbortController().signal;

describe('a queue that is unavailable', () => {
  it('is asked for again until it answers', async () => {
    let asked = 0;
    const ask = async () => {
      if (++asked < 3) throw unavailable();
      return 'there';
    };
    expect(await untilAvailable(ask, 10_000, never)).toBe('there');
    expect(asked).toBe(3);
  });

  it('is named with what an operator can do, when the patience is over or somebody wants to stop', async () => {
    const ask = async () => {
      throw unavailable();
    };
    for (const refused of [untilAvailable(ask, 0, never), untilAvailable(ask, 10_000, AbortSignal.abort())]) {
      await expect(refused).rejects.toThrow(QueueUnavailableError);
      await expect(refused).rejects.toMatchObject({
        code: 404,
        message: expect.stringMatching(/^orders is unavailable\. .*<<"till">>, queue, <<"orders">>/),
      });
    }
  });

  it('is not one that does not exist, nor any other refusal', async () => {
    for (const refusal of [new Error("NOT_FOUND - no queue 'orders' in vhost '/'"), 'no error at all']) {
      let asked = 0;
      const ask = async () => {
        asked++;
        throw refusal;
      };
      await expect(untilAvailable(ask, 10_000, never)).rejects.toBe(refusal);
      expect(asked).toBe(1);
    }
  });
});

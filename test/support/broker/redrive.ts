import { adapterLog, createLogger } from '../../../lib/lambda/function/logger.js';
import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../../lib/rabbitmq/dead-letters/list.js';
import { redrive } from '../../../lib/rabbitmq/dead-letters/redrive.js';
import type { TakeOutStep } from '../../../lib/rabbitmq/dead-letters/take-out.js';
import { DEAD_LETTER_LOG, DEAD_LETTER_QUEUE } from '../../../lib/shop/domain/topology.js';

/** Redrives every dead letter, and kills itself at a step: `node redrive.js <url> <step>`. */
const [amqpUrl = '', killAt] = process.argv.slice(2) as [string?, TakeOutStep?];
let times = 0;
const places = { queue: DEAD_LETTER_QUEUE, log: DEAD_LETTER_LOG, signal: new AbortController().signal };

await onConnection(
  { amqpUrl, connectionName: 'redrive', log: adapterLog(createLogger('redrive')) },
  async (connection) => {
    const { letters } = await listDeadLetters(connection, places);
    const reasons = new Map(letters.map(({ id, reason }) => [id, reason]));
    await redrive(connection, {
      ...places,
      reasons,
      // Small batches: the second one is killed, with the first one done.
      rate: 40,
      onStep: (step) => {
        times += step === killAt ? 1 : 0;
        if (times === 2) process.kill(process.pid, 'SIGKILL');
      },
    });
  },
);

import { LogFormatter, LogItem } from '@aws-lambda-powertools/logger';
import { expect, it } from 'vitest';
import type { EncodedMessage } from '../../../../../lib/rabbitmq/publishing/encoded-message.js';
import { PublishError } from '../../../../../lib/rabbitmq/publishing/publish-error.js';

/** What errors become in a line of Powertools' logger. */
class Formatter extends LogFormatter {
  override formatAttributes(): LogItem {
    return new LogItem({ attributes: {} });
  }
}

it('is logged without what its message holds, also as a cause', () => {
  const message = { exchange: 'bills', routingKey: '', messageId: 'b1', content: Buffer.from('secret') };
  const error = new PublishError('nacked', message as unknown as EncodedMessage);
  expect(error.sent).toBe(message);
  const logged = new Formatter().formatError(new Error('gone', { cause: error }));
  expect(logged['cause']).toMatchObject({ message: 'message b1 to "bills": nacked', failure: 'nacked' });
  expect(JSON.stringify(logged)).not.toMatch(/secret|115,101,99/);
});

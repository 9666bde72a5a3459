import { describe, expect, it } from 'vitest';
import { addressesIn, atVirtualHost } from '../../../../../lib/rabbitmq/connection/address.js';
import { isAmazonMqUrl } from '../../../../../lib/rabbitmq/connection/amazon-mq.js';
import { isAmqpUrl, withoutPassword } from '../../../../../lib/rabbitmq/connection/connect-error.js';

const TWO = 'amqp://u:p,w@one:5673/v, amqps://u:x@two';

describe('several addresses', () => {
  it('have commas between them; one in a password is none of these', () => {
    expect(addressesIn(TWO)).toEqual(['amqp://u:p,w@one:5673/v', 'amqps://u:x@two']);
    expect(addressesIn('amqp://one')).toEqual(['amqp://one']);
  });

  it('are addresses if all of them are, and are shown without any password', () => {
    expect(isAmqpUrl(TWO)).toBe(true);
    expect(withoutPassword(TWO)).toBe('amqp://u@one:5673/v, amqps://u@two');
    for (const broken of ['amqp://one,amqp:u:secret@two', 'amqp://one,', ',amqp://one', 'amqp://one,amqps://%']) {
      expect(withoutPassword(broken)).not.toContain('secret');
    }
    expect(isAmqpUrl('amqp://one,amqp:u:secret@two')).toBe(false);
    expect(isAmqpUrl('amqp://one,amqps://%zz@two')).toBe(false);
  });

  it('keep their brokers at another virtual host', () => {
    expect(atVirtualHost(TWO, 'a/b')).toBe('amqp://u:p,w@one:5673/a%2Fb,amqps://u:x@two/a%2Fb');
  });

  it('are of Amazon MQ if one of them is', () => {
    expect(isAmazonMqUrl(`amqp://one,amqps://b-1.mq.eu-west-1.amazonaws.com`)).toBe(true);
    expect(isAmazonMqUrl(TWO)).toBe(false);
  });
});

import { connect } from 'amqplib';
import { readAddress } from '../../lib/rabbitmq/connection/address-files.js';
import { within } from '../../lib/waiting/deadline.js';

const ANSWER_PATIENCE_MS = 2_000;

/**
 * Whether a broker at this address accepts our login within two seconds. An open port is not enough: the node listens before it
 * has loaded its users.
 */
export async function answersAmqp(amqpUrl: string): Promise<boolean> {
  try {
    const { url, tls } = await readAddress(amqpUrl);
    const connection = await connect(url.href, { ...tls, timeout: ANSWER_PATIENCE_MS });
    connection.on('error', () => {});
    // If the broker dies in the meantime, amqplib waits for the answer forever (2.3.1).
    await within(ANSWER_PATIENCE_MS, connection.close());
    return true;
  } catch {
    return false;
  }
}

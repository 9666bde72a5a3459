import { connect } from 'amqplib';

const ANSWER_PATIENCE_MS = 2_000;

/**
 * Whether a broker lets us in at this address within two seconds.
 * An open port is not enough: the node listens before it has loaded its users.
 */
export async function answersAmqp(amqpUrl: string): Promise<boolean> {
  try {
    const connection = await connect(amqpUrl, { timeout: ANSWER_PATIENCE_MS });
    connection.on('error', () => {});
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

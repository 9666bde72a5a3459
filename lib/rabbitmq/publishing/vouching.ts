import type { ChannelGoneError } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';

/** Users whose name in RabbitMQ differs from the one that they gave, as with OAuth 2. */
const knownOtherwise = new Set<string>();

/**
 * The `user_id` of our messages: RabbitMQ accepts only that of the connection's own user, and so vouches for the sender
 * (https://www.rabbitmq.com/docs/validated-user-id).
 */
export function vouchedUser({ user }: Connection): string | undefined {
  return user === undefined || knownOtherwise.has(user) ? undefined : user;
}

/** A channel has ended: if the name was wrong, no message has one from then on. */
export function hearOfUser({ user }: Connection, { message }: ChannelGoneError): void {
  if (user !== undefined && message.includes('user_id property set to')) knownOtherwise.add(user);
}

import type { ChannelGoneError } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';

/** Users that RabbitMQ knows by another name than the one that they gave, as those of OAuth 2. */
const knownOtherwise = new Set<string>();

/**
 * The `user_id` of what we publish: RabbitMQ takes only that of the connection's own user, and so vouches for the sender
 * (https://www.rabbitmq.com/docs/validated-user-id).
 */
export function vouchedUser({ user }: Connection): string | undefined {
  return user === undefined || knownOtherwise.has(user) ? undefined : user;
}

/** A channel has ended: where that was for want of the right name, nothing has one from then on. */
export function hearOfUser({ user }: Connection, { message }: ChannelGoneError): void {
  if (user !== undefined && message.includes('user_id property set to')) knownOtherwise.add(user);
}

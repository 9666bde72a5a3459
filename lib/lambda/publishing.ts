import type { OutgoingMessage } from './batch-result.js';

export async function publishOnRabbitmq(_outgoing: readonly OutgoingMessage[]): Promise<void> {
  throw new Error('not yet');
}

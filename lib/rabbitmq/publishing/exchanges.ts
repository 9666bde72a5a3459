import { ChannelGoneError, exists } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { UnsendableMessageError } from './outgoing.js';

/**
 * The exchanges known to exist on one connection. Publishing to a missing one would close the confirm channel, and so restart the
 * runner over and over.
 */
export class Exchanges {
  readonly #connection: Connection;
  readonly #declared: ReadonlySet<string>;
  /** RabbitMQ's default exchange always exists. */
  readonly #known = new Set(['']);

  /** `declared`: the exchanges that every session declares at its beginning. */
  constructor(connection: Connection, declared: readonly { readonly name: string }[] = []) {
    this.#connection = connection;
    this.#declared = new Set(declared.map(({ name }) => name));
  }

  /**
   * Checks a name with the broker once, and again for as long as it does not exist.
   * @throws ChannelGoneError if it was declared and is gone: the next session declares it again
   */
  async has(name: string): Promise<boolean> {
    if (this.#known.has(name)) return true;
    if (await isThere(this.#connection, name)) this.#known.add(name);
    else if (this.#declared.has(name)) throw new ChannelGoneError(`the exchange ${name} is gone`);
    return this.#known.has(name);
  }

  /** @throws UnsendableMessageError if one does not exist */
  async mustExist(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      if (!this.#known.has(name) && !(await this.has(name)))
        throw new UnsendableMessageError(`there is no exchange ${name}`);
    }
  }
}

async function isThere(connection: Connection, name: string): Promise<boolean> {
  try {
    return await exists(connection, (channel) => channel.checkExchange(name));
  } catch (error) {
    // Not the handler's fault: the session cannot go on.
    throw new ChannelGoneError(`the exchange ${name} could not be looked up`, { cause: error });
  }
}

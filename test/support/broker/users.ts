import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrivateBroker } from '../../../infra/broker/private-broker.js';
import { newFolder } from './leftovers.js';

export interface NewUser {
  readonly name: string;
  readonly password: string;
  /** Configure, write and read. */
  readonly rights: readonly [configure: string, write: string, read: string];
}

/** Users of a node, created with one start of an Erlang machine. */
export async function addUsers(broker: PrivateBroker, ...users: readonly NewUser[]): Promise<void> {
  const file = join(await newFolder(), 'users.json');
  const definitions = {
    users: users.map(({ name, password }) => ({ name, password, tags: '' })),
    permissions: users.map(({ name, rights: [configure, write, read] }) => ({
      ...{ user: name, vhost: '/' },
      ...{ configure, write, read },
    })),
  };
  await writeFile(file, JSON.stringify(definitions));
  await broker.ctl('import_definitions', file);
}

import type { Rights } from './rights.js';

/** A RabbitMQ user and a virtual host. */
export interface User {
  readonly name: string;
  readonly vhost: string;
}

/** Matches these names and no others, as a RabbitMQ regular expression (PCRE, https://www.rabbitmq.com/docs/access-control). */
export function exactly(names: readonly string[]): string {
  const escaped = [...new Set(names)].map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return escaped.length === 0 ? '^$' : `^(${escaped.join('|')})$`;
}

/** The commands that give a user these rights and revoke all others; they ask for the password of a new user. */
export function rabbitmqctlCommands({ name, vhost }: User, { configure, write, read, topics }: Rights): string[] {
  const at = ['-p', vhost];
  return [
    ['rabbitmqctl', 'add_user', name],
    ['rabbitmqctl', 'set_permissions', ...at, name, exactly(configure), exactly(write), exactly(read)],
    ...topics.map((topic) => [
      ...['rabbitmqctl', 'set_topic_permissions', ...at, name],
      ...[topic.exchange, exactly(topic.write), exactly(topic.read)],
    ]),
  ].map((words) => words.map(quoted).join(' '));
}

/** The same as definitions (`rabbitmqctl import_definitions`), except for the user, which must exist. */
export function definitions({ name, vhost }: User, { configure, write, read, topics }: Rights) {
  const at = { user: name, vhost };
  return {
    permissions: [{ ...at, configure: exactly(configure), write: exactly(write), read: exactly(read) }],
    topic_permissions: topics.map((topic) => ({
      ...at,
      exchange: topic.exchange,
      write: exactly(topic.write),
      read: exactly(topic.read),
    })),
  };
}

/** Quoted for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./@:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificatesOf } from './node-certificates.js';
import type { BootFiles } from './node-erlang.js';
import type { Membership, NodeFolder, NodeIdentity } from './node-folder.js';
import type { RabbitmqServer } from './server-location.js';

/** A node's own output goes there until its log file is open. */
export function startupLog(folder: NodeFolder): string {
  return join(folder.path, 'log', 'startup.log');
}

/** The marker that says what was done to the data is kept with the data. */
export function bootFiles(folder: NodeFolder): BootFiles {
  return {
    streamsSecured: join(dataFolder(folder), 'streams-are-safe'),
    queuesUp: join(folder.path, 'home', 'queues-are-up'),
  };
}

/** Everything that the node stores. */
function dataFolder(folder: NodeFolder): string {
  return join(folder.path, 'data');
}

/** Removes everything that the node has stored. */
export async function emptyData(folder: NodeFolder): Promise<void> {
  await rm(dataFolder(folder), { recursive: true, force: true });
}

/** Writes the node's configuration: one user, the given virtual hosts, the consistent-hash plugin, and nothing else. */
export async function writeNodeFiles(
  folder: NodeFolder,
  vhosts: readonly string[],
  membership?: Membership,
): Promise<void> {
  const { path, identity } = folder;
  const config = join(path, 'config');
  for (const name of ['config', 'data', 'home', 'log']) await mkdir(join(path, name), { recursive: true });
  await writeCookie(join(path, 'home', '.erlang.cookie'), membership?.cookie ?? randomBytes(32).toString('hex'));

  const definitionsFile = join(config, 'definitions.json');
  const hasTls = identity.caFile !== undefined;
  const listeners = hasTls ? tlsListeners(path, identity.amqpPort) : tcpListeners(identity.amqpPort);
  await writeFile(join(config, 'rabbitmq.config'), settings(listeners, definitionsFile, membership));
  const plugins = ['rabbitmq_consistent_hash_exchange', ...(hasTls ? ['rabbitmq_auth_mechanism_ssl'] : [])];
  await writeFile(join(config, 'enabled_plugins'), `[${plugins.join(',')}].\n`);
  // Without our own file the server would read the system's.
  await writeFile(join(config, 'rabbitmq-env.conf'), '');
  await writeFile(definitionsFile, JSON.stringify(definitions(identity, vhosts)), { mode: 0o600 });
}

/**
 * The secret (cookie) that lets anyone who has it run code in the node, new at every start. Erlang would derive one from the time
 * since its machine started, which can be guessed by trial (Erlang 25). Erlang does not start if others may read the file.
 */
async function writeCookie(file: string, cookie: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, cookie, { mode: 0o400, flag: 'wx' });
}

/**
 * Erlang terms, because a node reads the schemas of all plugins before a rabbitmq.conf, which takes a sixth of its boot. RabbitMQ
 * recovers bindings in parallel, and a consistent-hash exchange numbers its queues in the order in which they arrive, so after
 * each restart keys would move to other workers, away from their state (tried with 3.10.8: 13 of 14 restarts). With one process
 * in the pool, bindings are recovered one after the other. The definitions create the user and the virtual hosts at boot; the
 * default user guest is then not created.
 */
function settings(listeners: string, definitionsFile: string, membership: Membership | undefined): string {
  return `%% coding: utf-8
[{rabbit, [
  ${listeners},
  {load_definitions, ${JSON.stringify(definitionsFile)}},
  {log, [{file, [{level, info}, {size, 10485760}, {count, 2}]}]},
  {default_worker_pool_size, 1}${membership === undefined ? '' : clusterSettings(membership)}
]}].
`;
}

function tcpListeners(port: number): string {
  return `{tcp_listeners, [{"127.0.0.1", ${port}}]}`;
}

/**
 * A client may present a certificate, and with EXTERNAL is then the user with its common name
 * (https://www.rabbitmq.com/docs/ssl).
 */
function tlsListeners(path: string, port: number): string {
  const { authority, server } = certificatesOf(path);
  const [ca, cert, key] = [authority, server.cert, server.key].map((file) => JSON.stringify(file));
  return `{tcp_listeners, []},
  {ssl_listeners, [{"127.0.0.1", ${port}}]},
  {ssl_options, [{cacertfile, ${ca}}, {certfile, ${cert}}, {keyfile, ${key}}, {versions, ['tlsv1.3', 'tlsv1.2']},
    {verify, verify_peer}, {fail_if_no_peer_cert, false}]},
  {ssl_cert_login_from, common_name},
  {auth_mechanisms, ['PLAIN', 'EXTERNAL']}`;
}

/**
 * On their first boot the others join the first, which looks for no one: a first node that looks for the others does so for 109 s
 * (tried with RabbitMQ 4.3). Leaders are spread over the nodes, wherever the queues are declared.
 */
function clusterSettings({ members: [first], partitionHandling }: Membership): string {
  return `,
  {cluster_nodes, {['${first}'], disc}},
  {cluster_partition_handling, ${partitionHandling}},
  {queue_leader_locator, <<"balanced">>}`;
}

function definitions({ user, password }: NodeIdentity, vhosts: readonly string[]) {
  const names = ['/', ...vhosts.filter((name) => name !== '/')];
  return {
    vhosts: names.map((name) => ({ name })),
    users: [
      {
        name: user,
        password_hash: passwordHash(password),
        hashing_algorithm: 'rabbit_password_hashing_sha256',
        tags: 'administrator',
      },
    ],
    permissions: names.map((vhost) => ({ user, vhost, configure: '.*', write: '.*', read: '.*' })),
  };
}

/** RabbitMQ's salted hash (https://www.rabbitmq.com/docs/passwords): base64 of four bytes of salt, then SHA-256 of salt and password. */
function passwordHash(password: string): string {
  const salt = randomBytes(4);
  const digest = createHash('sha256').update(salt).update(password, 'utf8').digest();
  return Buffer.concat([salt, digest]).toString('base64');
}

/** The whole environment of the node's processes: nothing of the user's or the system's own RabbitMQ may reach them. */
export function nodeEnvironment(
  folder: NodeFolder,
  server: RabbitmqServer,
  membership?: Membership,
): NodeJS.ProcessEnv {
  const { path, identity } = folder;
  const onLoopback = '-kernel inet_dist_use_interface {127,0,0,1}';
  return {
    ...server.environment,
    LANG: process.env.LANG ?? 'C.UTF-8',
    // Erlang looks for the node's cookie, .erlang.cookie, there.
    HOME: join(path, 'home'),
    ERL_EPMD_PORT: String(identity.epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP: join(path, 'log', 'erl_crash.dump'),
    RABBITMQ_NODENAME: identity.nodeName,
    RABBITMQ_DIST_PORT: String(identity.distributionPort),
    RABBITMQ_MNESIA_BASE: dataFolder(folder),
    RABBITMQ_FEATURE_FLAGS_FILE: join(path, 'data', 'feature_flags'),
    RABBITMQ_LOG_BASE: join(path, 'log'),
    RABBITMQ_PID_FILE: join(path, 'home', 'rabbitmq.pid'),
    RABBITMQ_CONFIG_FILE: join(path, 'config', 'rabbitmq.config'),
    // Neither of these exists.
    RABBITMQ_CONFIG_FILES: join(path, 'config', 'none'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(path, 'config', 'none'),
    RABBITMQ_CONF_ENV_FILE: join(path, 'config', 'rabbitmq-env.conf'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(path, 'config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(path, 'config', 'enabled_plugins'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      membership === undefined ? onLoopback : `${onLoopback} -kernel net_ticktime ${membership.netTick}`,
    RABBITMQ_CTL_ERL_ARGS: onLoopback,
    // The start script then becomes the Erlang machine instead of staying its parent.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
}

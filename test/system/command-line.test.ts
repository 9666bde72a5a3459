import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CommandName } from '../support/system/child.js';
import { commandsPerTest } from '../support/system/commands.js';

const { folder, useSharedBroker, start } = commandsPerTest();
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

async function run(command: CommandName, ...args: string[]) {
  const child = start(command, args);
  return { code: await child.ended, stdout: child.stdout(), stderr: child.stderr() };
}

describe('every command', () => {
  it.each<[string, CommandName, string[]]>([
    ["unknown option '--bogus'", 'run-worker', ['--bogus']],
    ["unknown option '--bogus'", 'produce-shopping-event', ['-e', 'pick up', '--bogus']],
    ["unknown option '--bogus'", 'smart-shopping', ['owner', '--bogus']],
    ["unexpected argument 'surplus'", 'run-customer-app', ['surplus']],
    ["unexpected argument 'surplus'", 'smart-shopping', ['produce', 'surplus']],
    ["unexpected argument 'surplus'", 'smart-shopping', ['dead-letters', 'list', 'surplus']],
    ["required option '-i, --id <id>' not specified", 'run-worker', ['-q', 'queue']],
    ["missing required argument 'product'", 'smart-shopping', ['owner']],
    ['must not be empty', 'run-worker', ['--id', '', '-q', 'queue']],
    ['must not be empty', 'run-worker', ['--id', 'worker01', '-q', ' ']],
    ['must not be empty', 'produce-shopping-event', ['-e', 'pick up', '-c', 'customer-1', '-p', '']],
    ['must not be empty', 'smart-shopping', ['owner', '']],
    ['must not be empty', 'smart-shopping', ['dead-letters', 'redrive', '']],
    ['Allowed choices are pick up, purchase.', 'produce-shopping-event', ['-e', 'steal', '-c', 'customer-1']],
    ["unknown command 'ownr' (Did you mean owner?)", 'smart-shopping', ['ownr']],
  ])('says in one line: %s', async (complaint, command, args) => {
    const { code, stderr } = await run(command, ...args);
    expect(stderr).toContain(complaint);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it.each<[CommandName, string[]]>([
    ['run-worker', []],
    ['run-customer-app', []],
    ['produce-shopping-event', []],
    ['smart-shopping', []],
    ['smart-shopping', ['demo']],
    ['smart-shopping', ['dead-letters', 'show']],
  ])('tells its version: %s %s', async (command, args) => {
    expect(await run(command, ...args, '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('takes a value without the blanks around it', async () => {
    const [bare, padded] = [
      await run('smart-shopping', 'owner', 'AX-123'),
      await run('smart-shopping', 'owner', ' AX-123 '),
    ];
    expect(padded).toEqual(bare);
  });

  it('helps, with every subcommand by its description', async () => {
    const { code, stdout } = await run('smart-shopping', '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/owner.*Show which queue owns a product/);
    expect((await run('smart-shopping', 'help', 'owner')).stdout).toContain('--queue <name[=weight]>');
  });

  it('says which Node it needs, in one line', async () => {
    const needs = (node: string) => {
      const file = join(folder(), 'package.json');
      writeFileSync(file, JSON.stringify({ engines: { node } }));
      const module = pathToFileURL(resolve('dist/infra/node-version.mjs'));
      const script = `import { requireNode } from '${module}'; requireNode(new URL('${pathToFileURL(file)}'));`;
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
      return { status, stderr: String(stderr) };
    };
    expect(needs('>=20.19')).toEqual({ status: 0, stderr: '' });
    expect(needs('>=999.1')).toEqual({
      status: 1,
      stderr: `Node 999.1 or newer is needed; this is ${process.versions.node}. See https://nodejs.org/\n`,
    });
  });
});

describe('whose reader has gone', () => {
  it('ends without a word, what runs for ever too', async () => {
    await useSharedBroker();
    const app = start('run-customer-app', ['-c', 'customer-1', '--json']);
    await expect.poll(app.stderr).toContain('is ready');
    const worker = start('run-worker', ['-i', 'worker01', '-q', 'worker01_queue', '--json']);
    await expect.poll(worker.stderr).toContain('is ready');
    for (const child of [app, worker]) child.process.stdout?.destroy();
    const told = [app.stderr(), worker.stderr()];
    const produced = start('produce-shopping-event', ['-e', 'Pick Up', '-c', 'CUSTOMER-1', '--json']);
    expect(await produced.ended).toBe(0);
    expect([await app.ended, await worker.ended]).toEqual([0, 0]);
    expect([app.stderr(), worker.stderr()]).toEqual(told);

    const owner = start('smart-shopping', ['owner', ...Array.from({ length: 2_000 }, (_, n) => `P-${n}`)]);
    owner.process.stdout?.destroy();
    expect({ code: await owner.ended, stderr: owner.stderr() }).toEqual({ code: 0, stderr: '' });
  });
});

describe('what needs streams', () => {
  it.each<[CommandName, string[]]>([
    ['run-worker', ['-i', 'worker01', '-q', 'worker01_queue']],
    ['smart-shopping', ['topology', 'declare']],
    ['smart-shopping', ['web']],
    ['smart-shopping', ['demo', '--yes']],
  ])('is refused on Amazon MQ before it is asked for anything: %s %j', async (command, args) => {
    const { code, stderr } = await run(
      command,
      ...args,
      '--amqp-url',
      'amqps://u:p@b-1.mq.eu-west-1.amazonaws.com:5671',
    );
    expect(stderr).toContain('this broker is Amazon MQ, which has no streams');
    expect(stderr).not.toContain('u:p');
    expect(code).toBe(1);
  });
});

describe('what goes wrong while a command runs', () => {
  const event = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };

  it('is said in words, and in JSON where that is asked for', async () => {
    await useSharedBroker();
    for (const [args, complaint] of [
      [
        [],
        /^warning: an event is not published, and answered with 503: there is no exchange shopping_events_exchange$/m,
      ],
      [['--json'], /^\{"level":"ERROR","message":"not published",.*\}$/m],
    ] as const) {
      const sensor = start('smart-shopping', ['sensor', '--port', '0', ...args]);
      await expect.poll(sensor.stdout).toMatch(/\n/);
      const url = /http:[^"\s]+/.exec(sensor.stdout())?.[0] ?? '';
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) })).status).toBe(503);
      await expect.poll(sensor.stderr).toMatch(complaint);
      expect(sensor.stderr().includes('{')).toBe(args.length > 0);
      sensor.process.kill('SIGTERM');
      expect(await sensor.ended).toBe(0);
    }
  });
});

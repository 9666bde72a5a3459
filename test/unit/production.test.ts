import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { pollCommand } from '../../infra/commands/poll.js';
import { snippetsOf } from '../support/docs/markdown.js';

/** What people copy from docs/production.md, checked as far as possible without containers. */

const path = 'docs/production.md';
const snippets = snippetsOf({ path, text: readFileSync(path, 'utf8') });
const only = (wanted: string): string => {
  const found = snippets.filter(({ language }) => language === wanted);
  expect(found).toHaveLength(1);
  return found[0]?.code ?? '';
};

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string }[];
}

const deployment = parse(only('yaml'));
const container = deployment.spec.template.spec.containers[0] as Container;
const [, entry = ''] = /^ENTRYPOINT (.*)$/m.exec(only('dockerfile')) ?? [];
const [, start = ''] = /^ExecStart=\S+ (.*)$/m.exec(only('ini')) ?? [];

it('the Deployment fits the schema of Kubernetes', () => {
  new Deployment(deployment).validate();
  const wrong = { ...deployment, spec: { ...deployment.spec, replicas: 'two' } };
  expect(() => new Deployment(wrong).validate()).toThrow('replicas must be integer');
});

it('the Dockerfile has at most 15 lines, and ends with what the Deployment starts', () => {
  expect(only('dockerfile').trim().split('\n').length).toBeLessThanOrEqual(15);
  expect(JSON.parse(/^CMD (.*)$/m.exec(only('dockerfile'))?.[1] ?? '')).toEqual(container.args);
});

it.each([
  ['Dockerfile and Deployment', [...JSON.parse(entry || '[]'), ...container.args]],
  ['unit', start.split(' ')],
])('the command of the %s is one that poll takes', (_, words: readonly string[]) => {
  expect(words[0]).toBe('node_modules/.bin/smart-shopping');
  expect(words[1]).toBe('poll');
  const command = pollCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const { unknown, operands } = command.parseOptions(words.slice(2));
  expect({ unknown, operands }).toEqual({ unknown: [], operands: [] });
  expect(command.opts()).toMatchObject({
    handler: './dist/eat.handler',
    queue: ['meals'],
    healthPort: 8080,
    json: true,
  });
});

it('the files of secrets are named by variables that exist', () => {
  const settings = readFileSync('docs/settings.md', 'utf8');
  const variables = [only('ini'), ...container.env.map(({ name }) => name)].flatMap((text) => text.match(/AMQP_\w+/g));
  expect(variables.length).toBeGreaterThan(4);
  for (const variable of variables) expect(settings).toContain(`\`${variable}\``);
});

const SYSTEMD = 'systemd-analyze';

it.skipIf(spawnSync(SYSTEMD, ['--version']).error)('the unit is one that systemd understands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unit-'));
  const verify = (text: string): string => {
    const file = join(folder, 'kitchen.service');
    writeFileSync(file, text.replace('/usr/bin/node', process.execPath));
    const { stdout, stderr } = spawnSync(SYSTEMD, ['verify', '--man=no', '--recursive-errors=no', file]);
    return `${stdout}${stderr}`;
  };
  expect(verify(only('ini'))).toBe('');
  expect(verify(only('ini').replace('Restart=always', 'Restart=sometimes'))).toContain('kitchen.service');
  rmSync(folder, { recursive: true });
});

import { readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../infra/commands/command-line.js';
import { readSettings } from '../../infra/functions/settings.js';
import { allPages, anchorsOf, linksOf } from '../support/docs/markdown.js';
import { sourceFiles } from '../support/docs/source-files.js';

const pages = allPages();
const page = (path: string) => pages.find((one) => one.path === path) ?? { path, text: readFileSync(path, 'utf8') };

describe('the documentation', () => {
  it.each(pages.map((one) => [one.path, one] as const))('has links that lead somewhere: %s', (path, one) => {
    const lost = linksOf(one).filter(({ target, anchor }) => {
      const file = target === '' ? path : normalize(join(dirname(path), target));
      if (!statSync(file, { throwIfNoEntry: false })) return true;
      return anchor !== '' && !anchorsOf(page(file)).has(anchor);
    });
    expect(lost).toEqual([]);
  });

  it('has every page in its index', () => {
    const index = new Set(linksOf(page('docs/README.md')).map(({ target }) => normalize(join('docs', target))));
    const docs = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
    expect(docs.filter((path) => !index.has(path))).toEqual([]);
  });

  it('begins with a README that people finish', () => {
    const lines = page('README.md').text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(151);
    expect(lines.filter((line) => line.startsWith('|') && line.length > 120)).toEqual([]);
  });
});

/** The names in the list of a section of the settings. */
function listed(heading: string): string[] {
  const { text } = page('docs/settings.md');
  const [, section = ''] = text.split(`## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^- (.*?)(?: \(|:)/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );
}

describe('the settings', () => {
  it('of the plugin are all told', () => {
    let refusal = '';
    try {
      readSettings({ somethingOfNoName: 1 }, { functionKeys: [], queues: [] });
    } catch (error) {
      refusal = (error as Error).message;
    }
    const [, keys = ''] = /known: (.*)$/.exec(refusal) ?? [];
    expect(listed('`custom.rabbitmq`').sort()).toEqual(keys.split(', ').sort());
  });

  it('of the runner are all told', () => {
    const source = readFileSync('lib/rabbitmq/runner/options.ts', 'utf8');
    const interfaces = source.matchAll(/^export interface \w+(?:<\w+>)?(?: extends [^{]*)? \{$(.*?)^\}$/gms);
    const options = [...interfaces].flatMap(([, body = '']) =>
      [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = '']) => name),
    );
    expect(options).toContain('batchSize');
    expect(listed('`runQueue`').sort()).toEqual(options.sort());
  });

  it('of the environment are all told', () => {
    /** Variables of other programs that we only respect. */
    const others = ['LANG', 'PATH', 'TERM', '_X_AMZN_TRACE_ID', 'npm_command'];
    const read = sourceFiles(['lib', 'infra', 'handlers']).flatMap(({ text }) =>
      [...text.matchAll(/process\.env(?:\.|\[')(\w+)/g)].map(([, name = '']) => name),
    );
    const told = listed('Environment variables');
    expect([...new Set(read)].filter((name) => !others.includes(name) && !told.includes(name))).toEqual([]);
  });

  it('of exit codes are all told', () => {
    const [, section = ''] = page('docs/settings.md').text.split('## Exit codes\n');
    const told = [...section.matchAll(/^\| (\d+) /gm)].map(([, code]) => Number(code));
    expect(told).toEqual(Object.values(EXIT));
  });

  it('of log codes are all told', () => {
    const [, union = ''] = /export type LogCode =(.*?);/s.exec(readFileSync('lib/rabbitmq/log.ts', 'utf8')) ?? [];
    const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(10);
    const { text } = page('docs/observability.md');
    expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});

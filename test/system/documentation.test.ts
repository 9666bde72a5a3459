import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allPages, type Page, type Snippet, snippetsOf } from '../support/docs/markdown.js';
import { allHelp, type CommandHelp } from '../support/system/help.js';
import { run, runInstalled } from '../support/system/installed-command.js';
import { createService, INSTALLED, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

const pages = allPages();
const snippets = pages.flatMap(snippetsOf);
let helps: readonly CommandHelp[];

beforeAll(async () => {
  helps = await allHelp();
});

describe('the commands', () => {
  it('are documented as they say themselves; `-u` writes the page anew', async () => {
    const sections = helps.map(({ name, text }) => `## ${name}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
    const page = `# Commands\n\nMade from \`--help\`. Exit codes: [settings](settings.md#exit-codes).\n\n${sections.join('\n')}`;
    await expect(page).toMatchFileSnapshot('../../docs/commands.md');
  });

  it('that the documentation names exist, with the options that it gives them', () => {
    const inBlocks = snippets
      .filter(({ language }) => language === 'sh')
      .flatMap(({ page, code }) => code.split('\n').map((line) => ({ page, line: line.replace(/ #.*/, '') })));
    const inProse = pages.flatMap(({ path, text }) =>
      [...text.replace(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g)].map(([, line = '']) => ({ page: path, line })),
    );
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
    const isScript = (line: string): boolean => {
      const [, script] = /^npm run ([\w:-]+)/.exec(line) ?? [];
      return script === undefined || script in scripts;
    };
    const wrong = [...inBlocks, ...inProse].filter(({ line }) => !isKnown(line) || !isScript(line));
    expect(wrong).toEqual([]);
    for (const line of ['smart-shopping nothing', 'npx smart-shopping dead-letters list --nothing', 'run_worker -x']) {
      expect(isKnown(line), line).toBe(false);
    }
  });
});

/** Checks that a shell line calls one of our commands correctly. */
function isKnown(line: string): boolean {
  const words = line.trim().split(/\s+/);
  const names = new Set(helps.map(({ name }) => name));
  const program = words.findIndex((word) => names.has(word));
  if (program === -1) return true;
  let command = words[program] ?? '';
  let rest = words.slice(program + 1);
  for (; names.has(`${command} ${rest[0]}`); rest = rest.slice(1)) command = `${command} ${rest[0]}`;
  const { text } = helps.find(({ name }) => name === command) ?? { text: '' };
  if (/^Commands:/m.test(text) && /^\w/.test(rest[0] ?? '')) return false;
  const options = words.slice(program).flatMap((word) => /^(--?[a-z][\w-]*)/.exec(word)?.[1] ?? []);
  return options.every((option) => new RegExp(`(?:^|[\\s,])${option}(?=[\\s,]|$)`, 'm').test(text));
}

it('the snippets of TypeScript and JavaScript compile', async () => {
  const code = snippets.filter(({ language }) => language === 'ts' || language === 'js');
  expect(code.length).toBeGreaterThan(3);
  // Below the project, where its own name is known as a package's.
  mkdirSync('.smart-shopping', { recursive: true });
  const folder = mkdtempSync(resolve('.smart-shopping', 'snippets-'));
  const names = code.map((snippet, index) => {
    const name = `${snippet.page.replaceAll(/\W/g, '-')}-${index}.${fileType(snippet)}`;
    writeFileSync(join(folder, name), snippet.code);
    return name;
  });
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    allowJs: true,
    checkJs: false,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: names }));
  const compiled = await run(resolve('node_modules/typescript/bin/tsc'), ['-p', '.'], folder);
  rmSync(folder, { recursive: true });
  expect(compiled).toEqual({ code: 0, stdout: '', stderr: '' });
});

function fileType({ language, code }: Snippet): string {
  if (language === 'js') return code.includes('require(') || code.includes('exports.') ? 'cjs' : 'mjs';
  return 'mts';
}

describe('the first code that a stranger copies', () => {
  let service: OfflineService;

  beforeEach(() => {
    service = createService({}, { ...INSTALLED, 'node_modules/serverless': 'node_modules/serverless' });
    service.env['AMQP_URL'] = ownVirtualHost();
  });
  afterEach(() => service.remove());

  const page = (path: string): Page => pages.find((one) => one.path === path) as Page;
  const write = (file: string, code: string): void => {
    mkdirSync(dirname(join(service.folder, file)), { recursive: true });
    writeFileSync(join(service.folder, file), code);
  };
  /** The first snippet of a language. */
  const first = (path: string, language: string): string =>
    snippetsOf(page(path)).find((snippet) => snippet.language === language)?.code ?? '';
  /** Runs what the page says, and nothing else. */
  const send = async (path: string): Promise<void> => {
    const [, line = ''] = /^npx smart-shopping (events send .*)$/m.exec(page(path).text) ?? [];
    const args = line.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
    const url = service.env['AMQP_URL'] ?? '';
    expect(await runInstalled(service.folder, args, { AMQP_URL: url })).toMatchObject({ code: 0 });
  };

  it('handles a message as the README and "your service" say, in TypeScript', async () => {
    write('serverless.yml', first('README.md', 'yaml'));
    write('src/orders.ts', first('README.md', 'ts'));
    const offline = await service.offline();
    const channel = await offline.connect('.rabbitmq');
    await channel.assertQueue('invoices', { exclusive: true });
    await channel.bindQueue('invoices', 'amq.topic', 'invoices.*');
    await send('README.md');
    await expect.poll(offline.output).toMatch(/^order 1$/m);
    await expect.poll(offline.output).toMatch(/orders orders: 1 message in \d+ ms/);
    await expect.poll(async () => (await channel.checkQueue('invoices')).messageCount).toBe(1);

    write('src/orders.ts', first('docs/your-service.md', 'ts'));
    await expect
      .poll(async () => {
        await send('docs/your-service.md');
        return offline.output();
      })
      .toContain('order first { number: 1 }');
    expect(await offline.stop()).toBe(0);
  });

  it('handles a message as "your service" says, in JavaScript', async () => {
    write('serverless.yml', first('docs/your-service.md', 'yaml'));
    write('src/orders.js', first('docs/your-service.md', 'js'));
    const offline = await service.offline();
    await send('docs/your-service.md');
    await expect.poll(offline.output).toContain('order first { number: 1 }');
    expect(await offline.stop()).toBe(0);
  });
});

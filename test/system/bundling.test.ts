import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { linkFolder, removeFolder } from '../support/system/folders.js';
import { run } from '../support/system/installed-command.js';
import { STRANGERS } from '../support/system/strangers.js';

/** Only what is used here of the bundlers' own types. */
interface Bundlers {
  readonly esbuild: { build(options: object): Promise<{ readonly warnings: readonly { readonly text: string }[] }> };
  readonly rollup: {
    rollup(options: object): Promise<{ write(options: object): Promise<unknown>; close(): Promise<void> }>;
  };
  readonly webpack: (config: object, done: (error: Error | null, stats?: WebpackStats) => void) => void;
}

interface WebpackStats {
  toJson(): Readonly<Record<'errors' | 'warnings', readonly { readonly message: string }[]>>;
}

type Format = 'esm' | 'cjs';
/** Bundles `entry` into files of `outdir`, the first of which is `entry`. Returns everything that it printed. */
type Bundle = (entry: string, format: Format, outdir: string) => Promise<readonly string[]>;

let folder: string;
const requireStranger = createRequire(join(STRANGERS, 'of-strangers.js'));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundling-'));
  linkFolder(join(inject('installedPackage'), 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => removeFolder(folder));

const load = <Name extends keyof Bundlers>(name: Name) => requireStranger(name) as Bundlers[Name];

const withEsbuild: Bundle = async (entry, format, outdir) => {
  const outExtension = { '.js': format === 'esm' ? '.mjs' : '.cjs' };
  const options = { entryPoints: { entry }, bundle: true, platform: 'node', logLevel: 'silent' };
  const { warnings } = await load('esbuild').build({ ...options, format, outdir, outExtension });
  return warnings.map(({ text }) => text);
};

const withRollup: Bundle = async (entry, format, outdir) => {
  const { nodeResolve } = requireStranger('@rollup/plugin-node-resolve');
  const plugins = [
    nodeResolve({ preferBuiltins: true }),
    requireStranger('@rollup/plugin-commonjs')(),
    requireStranger('@rollup/plugin-json')(),
  ];
  const said: string[] = [];
  const bundle = await load('rollup').rollup({
    input: { entry },
    external: [...builtinModules, /^node:/],
    plugins,
    onwarn: ({ message }: { readonly message: string }) => said.push(message),
  });
  const extension = format === 'esm' ? 'mjs' : 'cjs';
  const names = { entryFileNames: `[name].${extension}`, chunkFileNames: `[name]-[hash].${extension}` };
  await bundle.write({ dir: outdir, format, ...names });
  await bundle.close();
  return said;
};

const withWebpack: Bundle = (entry, format, outdir) => {
  const isModule = format === 'esm';
  const output = { path: outdir, filename: `entry.${isModule ? 'mjs' : 'cjs'}` };
  const library = { type: isModule ? 'module' : 'commonjs2' };
  const config = {
    mode: 'development',
    devtool: false,
    target: 'node20',
    entry,
    experiments: { outputModule: isModule },
  };
  return new Promise((resolve, reject) => {
    load('webpack')({ ...config, output: { ...output, library } }, (error, stats) => {
      if (error !== null || stats === undefined) return reject(error);
      const { errors, warnings } = stats.toJson();
      resolve([...errors, ...warnings].map(({ message }) => message));
    });
  });
};

const ENTRIES = [
  ['rmq-event', 'rmqEventSchema'],
  ['queue-function', 'queueFunction'],
  ['serverless-offline-rabbitmq', 'default'],
] as const;

describe.each([
  ['esbuild', withEsbuild],
  ['rollup', withRollup],
  ['webpack', withWebpack],
])('%s', (name, bundle) => {
  it.each(
    ENTRIES.flatMap(([entry, exported]) =>
      (['esm', 'cjs'] as const).map((format) => [entry, format, exported] as const),
    ),
  )('bundles %s as %s, without a word about what is optional', async (entry, format, exported) => {
    const source = join(folder, `${entry}.${format}.mjs`);
    writeFileSync(source, `import * as all from 'smart-shopping/${entry}';\nconsole.log(Object.keys(all).join());\n`);
    const outdir = join(folder, 'bundles', name, `${entry}.${format}`);
    const said = await bundle(source, format, outdir);
    expect(said.filter((words) => /opentelemetry|resolve/i.test(words))).toEqual([]);
    // No one bundles a plugin of the framework; it is enough that it is possible.
    if (entry === 'serverless-offline-rabbitmq') return;
    const file = readdirSync(outdir).find((one) => one.startsWith('entry.')) ?? 'no bundle';
    const ran = await run(join(outdir, file), [], outdir);
    expect(ran).toEqual({ code: 0, stdout: expect.stringContaining(exported), stderr: '' });
  });
});

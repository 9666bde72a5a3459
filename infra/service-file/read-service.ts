import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FunctionDefinition, ProviderDefaults, Serverless } from '../functions/serverless.js';

const MOST_BYTES = 32 * 1024 * 1024;

/** A service as resolved by the framework, with all variables filled in. */
export type Service = Pick<Serverless, 'service' | 'serviceDir' | 'config'>;

/** Options of the framework's own commands. */
export interface ServiceOptions {
  /** A file other than serverless.yml, in the same folder. */
  readonly config?: string;
  readonly stage?: string;
  readonly region?: string;
  /** `key=value` each. */
  readonly param?: readonly string[];
}

interface Printed {
  readonly provider: ProviderDefaults & { readonly stage?: string };
  readonly service: string;
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly functions?: Readonly<Record<string, FunctionDefinition>>;
}

/** The framework's own. */
const STAGE = 'dev';

/**
 * Reads the serverless.yml of a folder with the framework that is installed there.
 * @throws Error that says what is missing, or what the framework reports
 */
export async function readService(serviceDir: string, options: ServiceOptions = {}): Promise<Service> {
  const printed = JSON.parse(await print(serviceDir, options)) as Printed;
  const { service, custom, functions = {} } = printed;
  const { stage = printed.provider.stage ?? STAGE, region = printed.provider.region } = options;
  const provider = { ...printed.provider, ...(region !== undefined && { region }) };
  const named = Object.entries(functions).map(
    ([key, definition]) => [key, { ...definition, name: definition.name ?? `${service}-${stage}-${key}` }] as const,
  );
  const byKey = new Map<string, FunctionDefinition>(named);
  return {
    serviceDir,
    config: { servicePath: serviceDir },
    service: {
      ...(custom !== undefined && { custom }),
      provider,
      getAllFunctions: () => [...byKey.keys()],
      getFunction: (key) => {
        const found = byKey.get(key);
        if (found === undefined)
          throw new Error(`the service has no function ${key}; it has ${[...byKey.keys()].join(', ')}`);
        return found;
      },
    },
  };
}

function print(serviceDir: string, { param = [], ...options }: ServiceOptions): Promise<string> {
  const given = [...Object.entries(options), ...param.map((one) => ['param', one] as const)];
  const args = [
    frameworkOf(serviceDir),
    'print',
    '--format',
    'json',
    ...given.map(([name, value]) => `--${name}=${value}`),
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: serviceDir, maxBuffer: MOST_BYTES }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(complaintIn(`${stderr}\n${stdout}`) || error.message));
    });
  });
}

/** The text after the framework's own heading. */
function complaintIn(output: string): string {
  return (output.split(/^.*Error:\s*$/m).at(-1) ?? '').trim();
}

function frameworkOf(serviceDir: string): string {
  try {
    const file = createRequire(join(serviceDir, 'serverless.yml')).resolve('serverless/package.json');
    const { bin } = JSON.parse(readFileSync(file, 'utf8')) as { readonly bin: Readonly<Record<string, string>> };
    return join(dirname(file), bin['serverless'] ?? '');
  } catch (cause) {
    throw new Error('the serverless framework is not installed here: npm install --save-dev serverless@npm:osls@4', {
      cause,
    });
  }
}

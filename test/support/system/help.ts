import { run } from './installed-command.js';

export interface CommandHelp {
  /** Such as `smart-shopping events record`. */
  readonly name: string;
  readonly text: string;
}

const PROGRAMS: Readonly<Record<string, string>> = {
  'smart-shopping': 'smart-shopping',
  run_worker: 'run-worker',
  run_customer_app: 'run-customer-app',
  produce_shopping_event: 'produce-shopping-event',
};

/** Every command's help text, subcommands after their parents. */
export async function allHelp(): Promise<CommandHelp[]> {
  const all = await Promise.all(
    Object.entries(PROGRAMS).map(([name, file]) => helpOf(name, `dist/infra/shop/commands/${file}.js`, [])),
  );
  return all.flat();
}

async function helpOf(name: string, script: string, path: readonly string[]): Promise<CommandHelp[]> {
  const { stdout } = await run(script, [...path, '--help'], process.cwd());
  const [, commands = ''] = stdout.split(/^Commands:\n/m);
  const names = [...commands.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, command = '']) => command);
  const below = names.filter((command) => command !== 'help');
  const helps = await Promise.all(below.map((command) => helpOf(`${name} ${command}`, script, [...path, command])));
  return [{ name, text: stdout.trimEnd() }, ...helps.flat()];
}

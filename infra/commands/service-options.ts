import type { Command } from 'commander';
import type { ServiceOptions } from '../service-file/read-service.js';

/** Adds what the framework's own commands take to say which service is meant. */
export function addServiceOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'a file in this folder, instead of serverless.yml')
    .option('-s, --stage <name>', 'as the framework understands it')
    .option('-r, --region <name>', 'as the framework understands it')
    .option(
      '--param <key=value>',
      'as the framework takes it; may be repeated',
      (one, before: string[]) => [...before, one],
      [],
    );
}

/** Those of a command's flags. */
export function serviceOptions({ config, stage, region, param }: ServiceOptions): ServiceOptions {
  return {
    ...(config !== undefined && { config }),
    ...(stage !== undefined && { stage }),
    ...(region !== undefined && { region }),
    ...(param !== undefined && { param }),
  };
}

import type { Command } from 'commander';
import type { ServiceOptions } from '../service-file/read-service.js';

/** Adds the options of the framework's own commands that select a service. */
export function addServiceOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'a file in this folder, instead of serverless.yml')
    .option('-s, --stage <name>', 'passed to the framework')
    .option('-r, --region <name>', 'passed to the framework')
    .option(
      '--param <key=value>',
      'passed to the framework; may be repeated',
      (one, before: string[]) => [...before, one],
      [],
    );
}

/** The service options among a command's flags. */
export function serviceOptions({ config, stage, region, param }: ServiceOptions): ServiceOptions {
  return {
    ...(config !== undefined && { config }),
    ...(stage !== undefined && { stage }),
    ...(region !== undefined && { region }),
    ...(param !== undefined && { param }),
  };
}

import { Command } from 'commander';
import { loadTopologies } from '../functions/service-topology.js';
import type { ServiceTopology } from '../functions/topology-schema.js';
import { parityFindings } from '../parity/findings.js';
import { readService, type Service, type ServiceOptions } from '../service-file/read-service.js';
import { printResult } from '../terminal/printable.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { drawFindings } from './findings-table.js';
import { endProgress, showProgress } from './progress.js';
import { addServiceOptions, serviceOptions } from './service-options.js';

/** `parity`: what will differ on AWS for a service. */
export function parityCommand(): Command {
  return addServiceOptions(new Command('parity').option('--json', 'print one JSON line per point')).action(tell);
}

async function tell({ json, ...flags }: ServiceOptions & { readonly json?: true }): Promise<void> {
  if (process.stderr.isTTY) showProgress({ step: `reading ${flags.config ?? 'serverless.yml'}` });
  const findings = await readService(process.cwd(), serviceOptions(flags))
    .then(async (service) => parityFindings(service, await declaredBy(service)))
    .catch((cause: Error) => {
      throw new CommandError(cause.message, EXIT.usage, { cause });
    })
    .finally(endProgress);
  if (json) {
    for (const finding of findings) printResult(JSON.stringify(finding));
    return;
  }
  if (findings.length > 0) printResult(drawFindings(findings));
  const differing = findings.filter(({ differs }) => differs).length;
  notice(
    findings.length === 0
      ? 'This service has no rabbitmq events.'
      : `${differing} points differ on AWS; = marks points that seem to differ but do not. --json lists each with its queue.`,
  );
}

/** What the service's topology module declares; nothing if it cannot be loaded, because this command only reads. */
async function declaredBy({ serviceDir, service }: Service): Promise<readonly ServiceTopology[]> {
  const { topology } = (service.custom?.['rabbitmq'] ?? {}) as { readonly topology?: string };
  if (topology === undefined) return [];
  try {
    return await loadTopologies(serviceDir, topology);
  } catch (error) {
    notice(`Streams may be missing below: ${(error as Error).message}`);
    return [];
  }
}

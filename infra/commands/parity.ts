import Table from 'cli-table3';
import { Command } from 'commander';
import pc from 'picocolors';
import { type Finding, findDifferences } from '../parity/findings.js';
import { readService } from '../service-file/read-service.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { printable } from './printable.js';
import { endProgress, showProgress } from './progress.js';

/** `parity`: what a service will find otherwise on AWS. */
export function parityCommand(): Command {
  return new Command('parity').option('--json', 'one JSON line per point').action(tell);
}

async function tell({ json }: { readonly json?: true }): Promise<void> {
  if (process.stderr.isTTY) showProgress({ step: 'reading serverless.yml' });
  const findings = await readService(process.cwd())
    .then(findDifferences)
    .catch((cause: Error) => {
      throw new CommandError(cause.message, EXIT.usage, { cause });
    })
    .finally(endProgress);
  if (json) {
    for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
    return;
  }
  if (findings.length > 0) process.stdout.write(`${draw(findings)}\n`);
  const differing = findings.filter(({ differs }) => differs).length;
  notice(
    findings.length === 0
      ? 'This service has no rabbitmq events.'
      : `${differing} points differ on AWS; = marks what does not, though it may seem so. --json has each with its queue.`,
  );
}

/** One row for what is said of several functions or queues. */
function draw(findings: readonly Finding[]): string {
  const table = new Table({
    head: ['what', 'here', 'on AWS', 'so', 'of'].map((title) => pc.bold(title)),
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [22, 28, 30, 28, 22],
  });
  const alike = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { what, here, onAws, advice } = finding;
    const key = JSON.stringify([what, here, onAws, advice]);
    alike.set(key, [...(alike.get(key) ?? []), finding]);
  }
  for (const same of alike.values()) {
    const [{ what, differs, here, onAws, advice = '' }] = same as [Finding];
    table.push([printable(differs ? what : `= ${what}`), printable(here), onAws, advice, printable(placesOf(same))]);
  }
  return table.toString();
}

/** `shoppingWorker (2 queues), customerApp`. */
function placesOf(findings: readonly Finding[]): string {
  const names = [...new Set(findings.map((finding) => finding.function))];
  return names
    .map((name) => {
      const queues = findings.filter((finding) => finding.function === name && finding.queue !== undefined);
      if (queues.length === 0) return name ?? 'the service';
      return `${name} (${queues.length === 1 ? queues[0]?.queue : `${queues.length} queues`})`;
    })
    .join(', ');
}

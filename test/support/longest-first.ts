import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Sorted by the time they take: see README.md. */
const LONGEST = [
  'pages',
  'shop',
  'serverless-offline',
  'strangers',
  'crash',
  'broker-command',
  'poll',
  'private-broker',
  'plain-service',
  'faults',
  'first-queue',
  'rights',
  'role-rights',
  'node-faults',
  'poll-faults',
  'rescale',
  'dead-letters',
  'in-the-way',
  'build',
  'events-command',
  'pages-command',
  'forced-deletion',
  'recording',
  'offline-options',
  'bundling',
  'world',
  'command-line',
  'traces',
  'documentation',
  'run-again',
  'queue-runner',
  'changelog',
  'load',
  'tls',
];

/** Starts with the files that take longest, so that none of them is alone at the end, when the other cores are idle. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.indexOf(basename(moduleId, '.test.ts'));
  return index === -1 ? LONGEST.length : index;
}

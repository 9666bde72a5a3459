import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By the time they take: see README.md. */
const LONGEST = [
  'serverless-offline',
  'plain-service',
  'pages',
  'strangers',
  'shop',
  'crash',
  'broker-command',
  'private-broker',
  'faults',
  'node-faults',
  'first-queue',
  'bundling',
  'in-the-way',
  'offline-options',
  'build',
];

/** Begins with the files that take longest: none of them is alone at the end, when the other cores have nothing to do. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.indexOf(basename(moduleId, '.test.ts'));
  return index === -1 ? LONGEST.length : index;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPrivateBroker } from '../../../infra/broker/private-broker.js';
import { compile } from './compile.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The node's address, without a vhost. */
    amqpUrl: string;
  }
}

/** One throw-away node for all broker tests, with a vhost for each of their files. */
export default async function startNode(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'smart-shopping-test-'));
  const files = await project.globTestFiles();
  const starting = startPrivateBroker({
    folder,
    vhosts: files.testFiles.map(vhostOf),
    onProgress: ({ step }) => process.stderr.write(`${step}\n`),
  });
  const [broker] = await Promise.all([starting, compile()]);
  project.provide('amqpUrl', broker.amqpUrl);
  return async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

export function vhostOf(testFile: string): string {
  return basename(testFile, '.test.ts');
}

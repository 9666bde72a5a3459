import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { startPrivateBroker } from '../../../infra/broker/private-broker.js';

declare module 'vitest' {
  interface ProvidedContext {
    sharedBroker: { readonly amqpUrl: string; readonly pid: number; readonly claims: string };
  }
}

/** More than the number of tests that take one. */
const VIRTUAL_HOSTS = 60;
const named = (index: number): string => `test-${index}`;

/** One node for all tests that do not need their own, with a virtual host for each of them. */
export async function shareBroker(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'shared-broker-'));
  const broker = await startPrivateBroker({
    folder: join(folder, 'node'),
    vhosts: Array.from({ length: VIRTUAL_HOSTS }, (_, index) => named(index)),
  });
  project.provide('sharedBroker', { amqpUrl: broker.amqpUrl, pid: broker.pid, claims: folder });
  return async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** The address of an empty virtual host on it that no one else has. */
export function ownVirtualHost(): string {
  const { amqpUrl, claims } = inject('sharedBroker');
  for (let index = 0; index < VIRTUAL_HOSTS; index++) {
    try {
      mkdirSync(join(claims, named(index)));
    } catch {
      continue;
    }
    return `${amqpUrl}/${named(index)}`;
  }
  throw new Error(`more than ${VIRTUAL_HOSTS} tests share a broker`);
}

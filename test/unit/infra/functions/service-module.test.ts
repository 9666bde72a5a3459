import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadServiceFunction } from '../../../../infra/functions/service-module.js';
import { readTopologies } from '../../../../infra/functions/topology-schema.js';
import { topology as shop } from '../../../../infra/shop/service/topology.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-module-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a service's module", () => {
  it.each([
    ['missing.mjs', undefined, 'custom.rabbitmq.topology: missing.mjs does not exist; has it been built?'],
    [
      'other.mjs',
      'export const pages = () => {};',
      'custom.rabbitmq.topology: other.mjs does not export a function topology',
    ],
    [
      'data.mjs',
      'export const topology = {};',
      'custom.rabbitmq.topology: data.mjs does not export a function topology',
    ],
    ['throws.mjs', 'throw new Error("no database");', 'throws.mjs cannot be loaded: no database'],
  ])('that cannot be used is refused with its setting: %s', async (file, text, complaint) => {
    if (text !== undefined) writeFileSync(join(folder, file), text);
    await expect(loadServiceFunction(folder, 'topology', file)).rejects.toThrow(complaint);
  });
});

describe("a service's topology", () => {
  it('is taken as it is', () => {
    expect(readTopologies(shop(), 'topology.js')).toEqual([shop()]);
  });

  it('may be several, each in a virtual host', () => {
    const both = [shop(), { ...shop(), virtualHost: 'tenant-a' }];
    expect(readTopologies(both, 'topology.js')).toEqual(both);
  });

  it.each<[unknown, string]>([
    [undefined, 'topology.js does not return a topology of exchanges, queues and bindings: its result: '],
    [{ exchanges: [], queues: [{ durable: true }], bindings: [] }, 'queues.0.name: '],
    [{ exchanges: [], queues: [{ name: 'q', durable: 'yes' }], bindings: [] }, 'queues.0.durable: '],
    [{ exchanges: [], queues: [] }, 'bindings: '],
    [{ exchanges: [], queues: [], bindings: [], exchange: [] }, '"exchange"'],
    [[shop(), { ...shop(), virtualHost: 7 }], '1.virtualHost: '],
  ])('of another shape is refused with its setting and place: %j', (given, complaint) => {
    expect(() => readTopologies(given, 'topology.js')).toThrow(complaint);
    expect(() => readTopologies(given, 'topology.js')).toThrow('custom.rabbitmq.topology: ');
  });
});

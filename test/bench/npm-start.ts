import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { Agent } from 'node:http';
import { join, resolve } from 'node:path';
import { freePort } from '../../infra/broker/free-ports.js';
import { encodeShoppingEvent } from '../../lib/shop/domain/wire.js';
import type { Figure } from './figure.js';
import { postAll } from './post.js';
import { idlePercent, Running } from './running.js';
import { spreadOf } from './statistics.js';

const REQUESTS = 1_000;
const AT_ONCE = 32;

/** `npm start` in its own folder with its own broker: until all is served, while idle, and over HTTP. */
export async function measureNpmStart(rounds: number, onProgress: (line: string) => void): Promise<Figure[]> {
  const folder = createFolder();
  const seconds: number[] = [];
  const percent: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const httpPort = await freePort();
    const lambdaPort = await freePort([httpPort]);
    const startedAt = performance.now();
    const shop = Running.npmStart(folder, ['--httpPort', `${httpPort}`, '--lambdaPort', `${lambdaPort}`]);
    try {
      await shop.says(/queues are served/);
      seconds.push((performance.now() - startedAt) / 1000);
      onProgress(`npm start, ${round === 0 ? 'the first' : 'again'}: ${seconds.at(-1)?.toFixed(1)} s`);
      if (round < rounds) continue;
      percent.push(await idlePercent([shop]));
      onProgress(`npm start, idle: ${percent[0]?.toFixed(2)} % of a core`);
      rates.push(...(await measureRequests(`http://localhost:${httpPort}`, rounds, onProgress)));
    } finally {
      await shop.end();
    }
  }
  rmSync(folder, { recursive: true, force: true });
  const [first = 0, ...again] = seconds;
  return [
    { what: 'npm start: until served, its broker new', unit: 's', spread: spreadOf([first]) },
    { what: 'npm start: until served, again', unit: 's', spread: spreadOf(again), atMost: 6 },
    { what: 'npm start: idle, without its broker', unit: '% of a core', spread: spreadOf(percent) },
    { what: 'the sensor under serverless-offline', unit: 'events/s', spread: spreadOf(rates) },
  ];
}

/** RabbitMQ itself is already unpacked. */
function createFolder(): string {
  const folder = resolve('.smart-shopping', 'bench-shop');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, '.smart-shopping'), { recursive: true });
  for (const file of ['package.json', 'serverless.yml']) cpSync(file, join(folder, file));
  for (const name of ['dist', 'node_modules']) symlinkSync(resolve(name), join(folder, name));
  return folder;
}

async function measureRequests(origin: string, rounds: number, onProgress: (line: string) => void): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const bodies = Array.from({ length: REQUESTS }, (_, index) => {
      const timestamp = new Date(Date.UTC(2026, 0, 1 + round) + index).toISOString();
      return JSON.stringify(encodeShoppingEvent({ type: 'pick up', product: 'AX-123', timestamp }));
    });
    const rate = REQUESTS / (await postAll(origin, agent, bodies, AT_ONCE));
    onProgress(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}  serverless-offline: ${Math.round(rate)}`);
    if (round > 0) rates.push(rate);
  }
  agent.destroy();
  return rates;
}

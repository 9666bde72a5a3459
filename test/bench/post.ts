import { type Agent, request } from 'node:http';

const PATH = '/shopping-events';

/** Posts one body to a sensor at this origin. @throws Error for any answer other than 202 */
export function post(origin: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const url = new URL(PATH, origin);
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode !== 202) reject(new Error(`${url.href} answered ${response.statusCode}`));
      response.resume();
      response.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Posts all of them, this many at once, and returns the seconds it took. */
export async function postAll(
  origin: string,
  agent: Agent,
  bodies: readonly string[],
  atOnce: number,
): Promise<number> {
  const left = bodies.values();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const body of left) await post(origin, agent, body);
    }),
  );
  return (performance.now() - startedAt) / 1000;
}

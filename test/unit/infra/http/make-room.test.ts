import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeRoom } from '../../../../infra/http/make-room.js';

const MOST = 5;

let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  // What asks for `/slow` is never answered.
  server = createServer(({ url }, response) => void (url === '/slow' || response.end('hello')));
  makeRoom(server, MOST);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
});

const port = () => (server.address() as AddressInfo).port;

/** A connection that says this much. */
async function open(text: string): Promise<Socket> {
  const socket = connect(port(), '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const hello = async () => (await fetch(`http://127.0.0.1:${port()}`)).text();

it('a newcomer has the place of the connection that has asked for nothing for longest', async () => {
  const [oldest] = await Promise.all(Array.from({ length: MOST }, () => open('GET / HTTP/1.1\r\nX-Slow: ')));
  const ended = once(oldest as Socket, 'close');
  expect(await hello()).toBe('hello');
  await ended;
});

it('many that ask for nothing shut nobody out', async () => {
  for (let n = 0; n < 10 * MOST; n++) await open('');
  expect(await hello()).toBe('hello');
});

it('a request that is under way keeps its place', async () => {
  const busy = await Promise.all([1, 2].map(() => open('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')));
  for (let n = 0; n < 3 * MOST; n++) await open('');
  expect(await hello()).toBe('hello');
  expect(busy.map(({ closed }) => closed)).toEqual([false, false]);
});

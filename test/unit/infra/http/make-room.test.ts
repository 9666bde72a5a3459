import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeRoom } from '../../../../infra/http/make-room.js';

const MOST = 5;
const MOST_PER_ADDRESS = 3;

let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  // What asks for `/slow` is never answered.
  server = createServer(({ url }, response) => void (url === '/slow' || response.end('hello')));
  makeRoom(server, { most: MOST, mostPerAddress: MOST_PER_ADDRESS });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
});

const port = () => (server.address() as AddressInfo).port;

/** A connection that sends this much, from an address of its own unless one is named. */
async function open(text: string, localAddress = `127.0.1.${sockets.length + 1}`): Promise<Socket> {
  const socket = connect({ port: port(), host: '127.0.0.1', localAddress });
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

it('a body that trickles in holds no place', async () => {
  let requests = 0;
  server.on('request', () => requests++);
  for (let n = 0; n < MOST; n++) await open('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  await expect.poll(() => requests).toBe(MOST);
  expect(await hello()).toBe('hello');
});

it('an address that holds its share gives up a place of its own for another one', async () => {
  const others = await Promise.all(['127.0.0.2', '127.0.0.3'].map((address) => open('', address)));
  const greedy: Socket[] = [];
  for (let n = 0; n < 10 * MOST; n++) greedy.push(await open('', '127.0.0.4'));
  const openOf = () => greedy.filter(({ closed }) => !closed).length;
  await expect.poll(openOf).toBe(MOST_PER_ADDRESS);
  expect(await hello()).toBe('hello');
  await expect.poll(openOf).toBe(MOST - others.length - 1);
  expect(others.map(({ closed }) => closed)).toEqual([false, false]);
});

it('an address whose requests are all under way turns its own newcomers away, and nobody else', async () => {
  for (let n = 0; n < 2 * MOST; n++) await open('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n', '127.0.0.4');
  expect(await hello()).toBe('hello');
  await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBe(MOST_PER_ADDRESS);
});

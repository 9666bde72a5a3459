import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { textPart } from '../../wire/properties.js';
import type { ReadAddress } from './address-files.js';

/** Methods of class 10, connection (https://www.rabbitmq.com/amqp-0-9-1-reference). */
const [START, START_OK, TUNE, TUNE_OK, OPEN, CLOSE] = [10, 11, 30, 31, 40, 50] as const;
const CONNECTION_CLASS = 10;
const METHOD_FRAME = 1;
const FRAME_HEAD = 7;
const FRAME_END = 0xce;
const GREETING = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
const TIMEOUT_MS = 5_000;

/**
 * Why a broker that knows the user does not open its virtual host, in the broker's words: `NOT_ALLOWED - vhost x not found`.
 * amqplib does not report it (2.3), so this connects once more. Never throws; undefined if the broker gives no reason, or
 * accepts.
 */
export function openRefusal({ url, tls, isExternal }: ReadAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = dial({ url, tls });
    let received = Buffer.alloc(0);
    const end = (words?: string): void => {
      socket.destroy();
      resolve(words);
    };
    socket.setTimeout(TIMEOUT_MS, () => end());
    socket.once('error', () => end());
    socket.once('close', () => end());
    socket.write(GREETING);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (let payload = firstPayload(received); payload !== undefined; payload = firstPayload(received)) {
        received = received.subarray(FRAME_HEAD + payload.length + 1);
        const method = payload.readUInt16BE(2);
        if (method === START)
          socket.write(frame(START_OK, isExternal ? startOk('EXTERNAL', '') : startOk('PLAIN', nameAndPassword(url))));
        else if (method === TUNE)
          socket.write(Buffer.concat([frame(TUNE_OK, payload.subarray(4)), frame(OPEN, open(url))]));
        else return end(method === CLOSE ? shortText(payload, 6) : undefined);
      }
    });
  });
}

function dial({ url, tls }: Pick<ReadAddress, 'url' | 'tls'>): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'amqps:') {
    return connectTls({ host, port: Number(url.port || 5671), ...(!isIP(host) && { servername: host }), ...tls });
  }
  return connectTcp({ host, port: Number(url.port || 5672) });
}

/** Of the first frame, once it is complete. */
function firstPayload(buffer: Buffer): Buffer | undefined {
  if (buffer.length < FRAME_HEAD) return undefined;
  const end = FRAME_HEAD + buffer.readUInt32BE(3);
  return buffer.length > end ? buffer.subarray(FRAME_HEAD, end) : undefined;
}

function frame(method: number, parameters: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD + 4);
  head.writeUInt8(METHOD_FRAME, 0);
  head.writeUInt32BE(4 + parameters.length, 3);
  head.writeUInt16BE(CONNECTION_CLASS, FRAME_HEAD);
  head.writeUInt16BE(method, FRAME_HEAD + 2);
  return Buffer.concat([head, parameters, Buffer.of(FRAME_END)]);
}

function nameAndPassword({ username, password }: URL): string {
  return `\0${decodeURIComponent(username) || 'guest'}\0${decodeURIComponent(password) || 'guest'}`;
}

/** The client's properties (none), the mechanism, its response, and the locale. */
function startOk(mechanism: string, wanted: string): Buffer {
  const response = Buffer.from(wanted);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(response.length);
  return Buffer.concat([Buffer.alloc(4), textPart(mechanism), length, response, textPart('en_US')]);
}

/** The virtual host, and two reserved fields. */
function open({ pathname }: URL): Buffer {
  return Buffer.concat([textPart(decodeURIComponent(pathname.slice(1)) || '/'), Buffer.alloc(2)]);
}

function shortText(buffer: Buffer, offset: number): string {
  return buffer.subarray(offset + 1, offset + 1 + buffer.readUInt8(offset)).toString();
}

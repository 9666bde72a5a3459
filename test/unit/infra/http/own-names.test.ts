import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { namesOf } from '../../../../infra/http/own-names.js';

it('a server on one address has that name, in brackets where it is one of IPv6', () => {
  expect(namesOf('127.0.0.1')).toEqual(['127.0.0.1']);
  expect(namesOf('::1')).toEqual(['[::1]']);
  expect(namesOf('shop.example')).toEqual(['shop.example']);
});

it('a server on every address has those that other machines can reach, and loopback last', () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  expect(namesOf('0.0.0.0')).toEqual([...outside, '127.0.0.1']);
  expect(namesOf('::')).toEqual(expect.arrayContaining(outside));
});

import { describe, expect, it } from 'vitest';
import { exposureNotice } from '../../../../infra/commands/exposure.js';

describe('a server', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('on %s is on this machine only', (host) => {
    expect(exposureNotice(host, 'beware')).toBeUndefined();
  });

  it.each(['0.0.0.0', '::', '192.168.1.7', '127.example.org', 'my-machine'])('on %s is not, and says so', (host) => {
    expect(exposureNotice(host, 'beware')).toBe(
      `${host} can be reached from other machines, without encryption: beware.`,
    );
  });
});

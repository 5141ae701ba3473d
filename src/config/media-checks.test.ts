import { describe, expect, it } from 'vitest';
import { mediaProblems } from './media-checks.js';
import type { Config } from './schema.js';

const usual: Config['media'] = {
  server: 'embedded',
  listen: '127.0.0.1:0',
  rtpPorts: { from: 16_384, to: 32_767 },
};
const local = { address: '127.0.0.1', port: 8021, secret: 'ClueCon', profile: 'drachtio_mrf' };
const remote = { ...local, address: '192.0.2.7', secret: 'own' };

function problems(media: Partial<Config['media']>): string[] {
  const config = { media: { ...usual, ...media } } as Config;
  return mediaProblems(config).map(({ path, message }) => `${path.join('.')} ${message}`);
}

describe('media servers', () => {
  it.each<Partial<Config['media']>>([
    {},
    { host: '192.0.2.1', rtpPorts: { from: 20_000, to: 20_100 } },
    { server: [local] },
    { server: [local, { ...local, port: 8022 }] },
    { server: [remote], listen: '192.0.2.1:8085' },
    { server: [remote], listen: '0.0.0.0:8085', advertise: 'engine' },
  ])('%j is well', (media) => {
    expect(problems(media)).toEqual([]);
  });

  it.each<[string, Partial<Config['media']>, RegExp]>([
    [
      'no secret',
      { server: [{ address: '127.0.0.1', port: 8021, profile: 'p' }] },
      /^media.server.0.secret is missing/,
    ],
    [
      'a secret all know',
      { server: [{ ...remote, secret: 'ClueCon' }], listen: '192.0.2.1:0' },
      /^media.server.0.secret is the secret every/,
    ],
    ['one twice', { server: [local, local] }, /^media.server.1.address 127.0.0.1:8021 is listed twice/],
    ['no way back', { server: [local, remote] }, /^media.listen 192.0.2.7 cannot connect back to 127.0.0.1/],
    [
      'a way back to nowhere',
      { server: [remote], listen: '0.0.0.0:0' },
      /^media.listen 0.0.0.0 is no address/,
    ],
    ['IPv6', { host: '[::1]' }, /^media.host is no IPv4/],
    ['ports backwards', { rtpPorts: { from: 2000, to: 2000 } }, /^media.rtpPorts.to must be above from/],
  ])('%s is told', (_, media, told) => {
    const [first, ...more] = problems(media);
    expect(first).toMatch(told);
    expect(more).toEqual([]);
  });
});

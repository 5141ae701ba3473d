import { Type } from 'typebox';
import { milliseconds, secret, secretFile, strict } from './strict-object.js';

const port = (usual: number) =>
  Type.Integer({ description: 'TCP port', minimum: 1, maximum: 65_535, default: usual });

const drachtio = strict(
  {
    host: Type.String({ description: 'Address of the drachtio-server', format: 'host' }),
    port: port(9022),
    secret: secret('Its admin secret'),
    secretFile: secretFile('secret'),
    tls: Type.Boolean({ description: 'Speak TLS to it', default: false }),
  },
  { description: 'A drachtio-server' },
);

const timers = strict(
  {
    t1Ms: milliseconds('RFC 3261 T1, the estimate of a round trip: first retransmission', 10, 5000, 500),
    t2Ms: milliseconds('RFC 3261 T2: longest wait between retransmissions', 100, 32_000, 4000),
    t4Ms: milliseconds('RFC 3261 T4: how long a message stays in the network', 100, 32_000, 5000),
  },
  { description: 'SIP timers of the embedded server (RFC 3261 17)', default: {} },
);

export const sipSchema = strict(
  {
    server: Type.Union(
      [
        Type.Literal('embedded'),
        drachtio,
        Type.Array(drachtio, {
          minItems: 1,
          maxItems: 16,
          description: 'drachtio-servers, all used at once',
        }),
      ],
      { description: '`embedded`, where a drachtio-server is, or a list of those', default: 'embedded' },
    ),
    listen: Type.Array(Type.String({ format: 'sip-listen' }), {
      description: 'Addresses of the embedded server; a drachtio-server has its own configuration',
      minItems: 1,
      maxItems: 16,
      default: ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'],
    }),
    timers,
  },
  { description: 'SIP signalling', default: {} },
);

const rtpPort = (usual: number) =>
  Type.Integer({ description: 'UDP port', minimum: 1024, maximum: 65_535, default: usual });

const mediaServer = strict({
  address: Type.String({ description: 'Address of the FreeSWITCH event socket', format: 'host' }),
  port: port(8021),
  secret: secret('Its event socket password'),
  secretFile: secretFile('secret'),
  profile: Type.String({
    description: 'Its SIP profile for drachtio-fsmrf',
    format: 'one-line',
    minLength: 1,
    maxLength: 128,
    default: 'drachtio_mrf',
  }),
});

export const mediaSchema = strict(
  {
    server: Type.Union(
      [
        Type.Enum(['embedded', 'none']),
        Type.Array(mediaServer, { minItems: 1, maxItems: 32, description: 'FreeSWITCH media servers' }),
      ],
      { description: '`embedded`, `none`, or a list of FreeSWITCH media servers', default: 'embedded' },
    ),
    listen: Type.String({
      description:
        'Where media servers connect back to; the first of them to this port, each further one to the port after. Port 0 takes free ones',
      format: 'host-port',
      default: '127.0.0.1:0',
    }),
    advertise: Type.Optional(
      Type.String({
        description:
          'Host that FreeSWITCH is told to connect back to, in place of that of `listen`; of the embedded server, the host written into SDP',
        format: 'host',
      }),
    ),
    host: Type.Optional(
      Type.String({
        description:
          'IPv4 address of the embedded server, where its media goes; without it, that of sip.listen',
        format: 'host',
      }),
    ),
    rtpPorts: strict(
      { from: rtpPort(16_384), to: rtpPort(32_767) },
      { description: 'UDP ports of the embedded server', default: {} },
    ),
  },
  { description: 'Media', default: {} },
);

const redisPassword = { password: secret('Redis password'), passwordFile: secretFile('password') };
const redisAccess = {
  username: Type.Optional(
    Type.String({ description: 'Redis user; without it, the default one', minLength: 1 }),
  ),
  ...redisPassword,
  tls: Type.Optional(Type.Boolean({ description: 'TLS to every server; false when not set' })),
};
// No default here: a key every variant has would not tell which of them is meant.
const keepEnded = {
  keepEndedMs: Type.Optional(
    Type.Integer({
      description: 'How long the record of an ended transfer is kept; 30 days when not set',
      minimum: 60_000,
      maximum: 315_360_000_000,
    }),
  ),
};
const nodes = Type.Array(Type.String({ format: 'host-port' }), {
  minItems: 1,
  maxItems: 32,
  description: 'host:port',
});

export const storeSchema = Type.Union(
  [
    Type.Literal('memory'),
    Type.String({ format: 'redis-url' }),
    strict({
      url: Type.String({ description: 'One Redis; `rediss:` for TLS', format: 'redis-url' }),
      ...redisPassword,
      ...keepEnded,
    }),
    strict({
      sentinels: nodes,
      name: Type.String({ description: 'Name of the master', minLength: 1, default: 'mymaster' }),
      ...redisAccess,
      sentinelPassword: secret('Password of the sentinels themselves'),
      sentinelPasswordFile: secretFile('sentinelPassword'),
      db: Type.Optional(
        Type.Integer({ description: 'Redis database; 0 when not set', minimum: 0, maximum: 9999 }),
      ),
      ...keepEnded,
    }),
    strict({ cluster: nodes, ...redisAccess, ...keepEnded }),
  ],
  {
    description:
      '`memory`, `redis://host:6379/0`, `{ url: "redis://..." }`, `{ sentinels: [...] }` or `{ cluster: [...] }`',
    default: 'memory',
  },
);

export const apiSchema = strict(
  {
    listen: Type.String({
      description: 'Address of the HTTP API; without tokens only a loopback address is accepted',
      format: 'host-port',
      default: '127.0.0.1:8080',
    }),
    tokens: Type.Array(Type.String({ minLength: 8, maxLength: 512, writeOnly: true }), {
      description: 'Bearer tokens; with any set, every request needs one',
      maxItems: 64,
      default: [],
    }),
    tokensFile: Type.Optional(Type.String({ description: 'File with one token per line', minLength: 1 })),
  },
  { description: 'HTTP API', default: {} },
);

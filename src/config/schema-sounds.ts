import { Type } from 'typebox';
import { RINGBACK } from '../audio/ringback.js';
import { milliseconds, secret, secretFile, strict } from './strict-object.js';

/** `espeak-ng` reads UTF-8 on stdin and writes WAV to stdout. */
export const ESPEAK = ['espeak-ng', '--stdin', '--stdout', '-v', '{voice}'];
export const ESPEAK_VOICE = 'en';
export const SPEECH_TIMEOUT_MS = 5000;

const timeoutMs = milliseconds(
  'How long one text may take; the call goes on without it then',
  100,
  60_000,
  SPEECH_TIMEOUT_MS,
);

const command = strict({
  kind: Type.Literal('command'),
  command: Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), {
    description:
      'Program and arguments, started without a shell; {voice} is replaced. Text on stdin, WAV on stdout',
    minItems: 1,
    maxItems: 64,
    default: ESPEAK,
  }),
  voice: Type.String({
    description: 'Voice: of espeak-ng, a language such as en, de, ru',
    format: 'one-line',
    minLength: 1,
    maxLength: 128,
    default: ESPEAK_VOICE,
  }),
  timeoutMs,
});

const http = strict({
  kind: Type.Literal('http'),
  url: Type.String({ description: 'Where the text is POSTed; the answer is a WAV file', format: 'http-url' }),
  body: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'JSON that is sent, with {text} and {voice} in its texts; without it, the bare text',
      maxProperties: 64,
    }),
  ),
  headers: Type.Record(Type.String(), Type.String({ format: 'one-line', minLength: 1, maxLength: 4096 }), {
    description: 'Headers of the request',
    maxProperties: 32,
    default: {},
  }),
  secret: secret('Sent as a bearer token', { format: 'one-line' }),
  secretFile: secretFile('secret'),
  voice: Type.String({ description: 'Stands for {voice}', format: 'one-line', maxLength: 128, default: '' }),
  timeoutMs,
});

export const soundsSchema = strict(
  {
    dir: Type.String({
      description:
        'Directory of sound files, relative to the configuration; what is not there is looked for among those that come with Switchhook',
      format: 'directory',
      minLength: 1,
      maxLength: 1024,
      default: 'sounds',
    }),
    cacheDir: Type.Optional(
      Type.String({
        description:
          "Directory that keeps what was spoken or fetched, relative to the configuration; without it, one in the system's directory for temporary files, or, with mediaDir, `dir`/cache",
        format: 'directory',
        minLength: 1,
        maxLength: 1024,
      }),
    ),
    cacheMaxMb: Type.Integer({
      description: 'Size of the cache; what was not used longest goes first',
      minimum: 1,
      maximum: 1_000_000,
      default: 256,
    }),
    mediaDir: Type.Optional(
      Type.String({
        description: 'What `dir` is called on the machine of the media servers, when that is another one',
        format: 'full-path',
        maxLength: 1024,
      }),
    ),
    ringback: Type.Enum(Object.keys(RINGBACK) as (keyof typeof RINGBACK)[], {
      description: 'Country whose ringback tone callers hear',
      default: 'us',
    }),
    allowHosts: Type.Optional(
      Type.Array(Type.String({ format: 'host-maybe-port' }), {
        description:
          "Hosts audio may be fetched from, with a port when it is not 80 or 443; without it, the bots' own",
        maxItems: 1000,
      }),
    ),
    speech: Type.Union([Type.Enum(['auto', 'none']), command, http], {
      description:
        'What speaks texts: `auto` (espeak-ng where it is installed), `none`, a program or a service',
      default: 'auto',
    }),
  },
  { description: 'What is heard', default: {} },
);

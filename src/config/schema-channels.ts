import { Type } from 'typebox';
import { message } from '../shape/message.js';
import { transferLayer } from './schema-transfer.js';
import { referFromNetwork } from './schema-trunks.js';
import { targetSchema } from './schema-targets.js';
import { NAME, milliseconds, secret, secretFile, strict } from './strict-object.js';

const dialect = Type.Enum(['native', 'jaicp'], { description: 'Shape of what is sent', default: 'native' });
const webhookSecret = secret('Standard Webhooks secret; without it nothing is signed', {
  format: 'webhook-secret',
});
const DAY_MS = 86_400_000;
const retryForMs = milliseconds(
  'How long an event waits for an endpoint that is down; then it is with the dead letters',
  0,
  7 * DAY_MS,
  DAY_MS,
);

const events = strict(
  {
    url: Type.String({ description: 'Where events are POSTed', format: 'http-url' }),
    dialect,
    secret: webhookSecret,
    secretFile: secretFile('secret'),
    retryForMs,
  },
  { description: 'Where the events of the channel go' },
);

const sipBot = strict({
  kind: Type.Literal('sip'),
  uri: Type.String({ description: 'Where the bot takes calls', format: 'sip-uri' }),
  events: Type.Optional(events),
});

const webhookBot = strict({
  kind: Type.Literal('webhook'),
  url: Type.String({ description: 'Where the bot is asked', format: 'http-url' }),
  dialect,
  secret: webhookSecret,
  secretFile: secretFile('secret'),
  retryForMs,
  decisionTimeoutMs: milliseconds('How long the bot may take to decide', 100, 60_000, 2000),
  noInputTimeoutMs: milliseconds(
    'Silence of the caller after which the bot is told so',
    500,
    600_000,
    10_000,
  ),
  digitTimeoutMs: milliseconds('Pause after which the keys pressed so far are one input', 100, 30_000, 1500),
  maxDigits: Type.Integer({
    description: 'Keys of one input at most',
    minimum: 1,
    maximum: 128,
    default: 32,
  }),
  fallback: strict(
    {
      message: Type.Optional(message),
      target: Type.Optional(
        Type.Union([...targetSchema.anyOf], {
          description: 'Where the caller goes; without it the call ends',
        }),
      ),
    },
    { description: 'What is done when the bot is slow, down, or cannot be understood', default: {} },
  ),
});

const recording = strict(
  {
    dir: Type.String({
      description:
        "Directory of the WAV files on the media server's machine; relative to the configuration where that is ours",
      format: 'directory',
      minLength: 1,
      maxLength: 1024,
    }),
    channels: Type.Enum(['mixed', 'stereo'], {
      description: 'Both directions in one channel, or the caller left and what it hears right',
      default: 'mixed',
    }),
    consent: Type.Optional(message),
    maxSeconds: Type.Optional(
      Type.Integer({ description: 'Longest recording; without it, the call', minimum: 1, maximum: 86_400 }),
    ),
  },
  { description: 'Records every call of the channel, where media is anchored' },
);

const refusal = strict(
  {
    code: Type.Integer({ description: 'Final code', minimum: 400, maximum: 699, default: 603 }),
    reason: Type.String({
      description: 'Its words',
      format: 'one-line',
      minLength: 1,
      maxLength: 64,
      default: 'Decline',
    }),
  },
  { description: 'Instead of a bot: calls are refused' },
);

/** As any target, but without `postDial`: after a 302 nobody of ours is there to send digits. */
const redirectTarget = Type.Union(
  [
    strict({ phoneNumber: Type.String({ format: 'phone-number' }) }),
    strict({ sipUri: Type.String({ format: 'sip-target' }) }),
    strict({ queue: Type.String({ minLength: 1 }) }),
    strict({ extension: Type.String({ minLength: 1 }) }),
  ],
  { description: 'Instead of a bot: calls are answered 302 with this target' },
);

const channel = strict({
  match: Type.Optional(
    strict(
      {
        trunk: Type.Optional(Type.String({ description: 'Only calls from this trunk' })),
        did: Type.Array(Type.String({ format: 'did-pattern' }), {
          description:
            'Numbers dialled: exact, or a prefix (`1800*`); the longest wins. Empty = every number of the trunk',
          maxItems: 1000,
          default: [],
        }),
      },
      { description: 'Calls the channel takes; without it, none (it can still be named in `via`)' },
    ),
  ),
  trunk: Type.Optional(Type.String({ description: 'Trunk for calls this channel makes' })),
  media: Type.Enum(['direct', 'anchored'], {
    description: 'Media between the parties, or through a media server',
    default: 'direct',
  }),
  answerTimeoutMs: milliseconds(
    "How long the bot may take to answer the caller's INVITE",
    1000,
    180_000,
    60_000,
  ),
  bot: Type.Optional(Type.Union([sipBot, webhookBot], { description: 'The bot' })),
  route: Type.Optional(
    Type.Union([Type.Literal('requestUri'), ...targetSchema.anyOf], {
      description: 'Instead of a bot: where calls go; `requestUri` = what the user part names',
    }),
  ),
  redirect: Type.Optional(redirectTarget),
  refuse: Type.Optional(refusal),
  events: Type.Optional(events),
  recording: Type.Optional(recording),
  transfer: Type.Optional(transferLayer),
  referFromNetwork: Type.Optional(referFromNetwork),
});

export const channelsSchema = Type.Record(Type.String({ pattern: NAME }), channel, {
  description: "Bots and how calls reach them; the key is the id JAICP's transferChannel names",
  default: {},
});

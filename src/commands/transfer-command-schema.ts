import { type Static, Type } from 'typebox';
import { failurePolicy } from '../shape/failure-policy.js';
import { transferSounds } from '../shape/transfer-sounds.js';
import { MAX_HEADERS } from '../sip/headers.js';

const strict = { additionalProperties: false } as const;

const name = (description: string) =>
  Type.String({ minLength: 1, maxLength: 64, format: 'one-line', description });

const postDial = Type.Optional(
  Type.String({ format: 'post-dial', description: 'Keys pressed once it has answered; w or , is a pause' }),
);

/** `T` of CONTRACT 3: one address or name, and what is dialled behind it. */
export const target = Type.Union(
  [
    Type.Object(
      {
        phoneNumber: Type.String({ format: 'phone-number', description: 'Digits, with or without +' }),
        postDial,
      },
      strict,
    ),
    Type.Object(
      { sipUri: Type.String({ format: 'sip-target', description: 'sip:user@host' }), postDial },
      strict,
    ),
    Type.Object({ queue: name('A key of `targets.queues`') }, strict),
    Type.Object({ extension: name('A key of `targets.extensions`'), postDial }, strict),
  ],
  { description: 'Where the caller goes' },
);

const userToUser = Type.Object(
  {
    data: Type.String({ minLength: 1, maxLength: 1024 }),
    encoding: Type.Enum(['hex', 'text', 'base64'], { default: 'hex', description: 'How `data` is written' }),
  },
  { ...strict, description: 'User-to-User data (RFC 7433)' },
);

const callerId = Type.Object(
  {
    policy: Type.Enum(['caller', 'bot', 'fixed', 'anonymous']),
    number: Type.Optional(Type.String({ format: 'phone-number', description: 'For fixed' })),
  },
  { ...strict, description: 'Who the target sees calling' },
);

/** The transfer command of the API (CONTRACT 3): what it is checked against and what `/openapi.json` shows. */
export const transferCommandSchema = Type.Object(
  {
    target: Type.Union([...target.anyOf, Type.Array(target, { minItems: 1, maxItems: 10 })], {
      description: 'One target, or several tried one after the other',
    }),
    method: Type.Enum(['auto', 'invite', 'refer', 'bye'], {
      default: 'auto',
      description: 'A new leg, REFER or BYE towards the caller; auto: what the trunk is known to take',
    }),
    ringTimeoutMs: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 600_000, description: 'How long one target rings' }),
    ),
    headers: Type.Record(Type.String(), Type.String(), {
      maxProperties: MAX_HEADERS,
      default: {},
      description: 'SIP headers the target receives, names and case kept',
    }),
    userToUser: Type.Optional(userToUser),
    callerId: Type.Optional(callerId),
    via: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Channel whose trunk the call leaves by' }),
    ),
    returnToBot: Type.Optional(
      Type.Boolean({ description: 'Bring the caller back to the bot when the agent leaves' }),
    ),
    continueRecording: Type.Optional(Type.Boolean()),
    ...transferSounds,
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        format: 'one-line',
        description: 'user_request, low_confidence, business_rule ...',
      }),
    ),
    onFailure: Type.Optional(failurePolicy),
    metadata: Type.Record(Type.String(), Type.Unknown(), {
      default: {},
      description: 'Kept with the transfer, told to the bot',
    }),
  },
  strict,
);

export type NativeCommand = Static<typeof transferCommandSchema>;

export const transferCommandExamples = {
  number: { target: { phoneNumber: '+16123456789' }, headers: { callReason: 'support' } },
  hunt: {
    target: [{ sipUri: 'sip:agent1@127.0.0.1:5070' }, { phoneNumber: '+16123456789' }],
    ringTimeoutMs: 20_000,
    returnToBot: true,
    onFailure: [{ match: ['*'], action: 'goto', node: 'Apology' }],
  },
  queue: {
    target: { queue: 'support' },
    userToUser: { data: '68656c6c6f', encoding: 'hex' },
    reason: 'user_request',
  },
  sounds: {
    target: { queue: 'support' },
    announce: { text: 'One moment, I will connect you.' },
    whisper: { text: 'A caller from the voice bot.' },
    confirm: { key: '1', message: { text: 'Press one to accept.' }, timeoutMs: 10_000 },
    waiting: 'ringback',
    returnKey: '*',
  },
  refer: { target: { phoneNumber: '+16123456789' }, method: 'refer' },
} as const;

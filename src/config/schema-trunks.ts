import { Type } from 'typebox';
import { CALLER_ID_RECIPES } from '../domain/caller-id-recipes.js';
import { provider } from './schema-sessions.js';
import { NAME, secret, secretFile, strict } from './strict-object.js';

export const referFromNetwork = Type.Enum(['deny', 'allow'], {
  description: 'Whether a REFER from the network may transfer a call (deny = 603)',
});

const recipe = Type.Union(
  [
    Type.Enum(Object.keys(CALLER_ID_RECIPES), { description: 'A built-in recipe' }),
    Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 512 }), {
      description: 'Header -> template with {shown} {name} {caller} {dialled} {business} {host} {target}',
      maxProperties: 8,
    }),
  ],
  { description: 'How the number is written on the wire, by name or as headers', default: 'plain' },
);

const callerId = strict(
  {
    policy: Type.Enum(['caller', 'bot', 'fixed', 'anonymous'], {
      description: "Number shown to the target: the caller's, the one the caller dialled, `number`, or none",
      default: 'caller',
    }),
    number: Type.Optional(
      Type.String({
        description: 'The business number: shown by `fixed`, and once more after a 403 to another',
        format: 'phone-number',
      }),
    ),
    allowForeignCallerId: Type.Boolean({
      description: "Show the caller's number on a registering trunk too",
      default: false,
    }),
    recipe,
  },
  { description: 'Who the target sees calling', default: {} },
);

const transfer = strict(
  {
    refer: Type.Enum(['auto', 'yes', 'no'], {
      description: 'Whether this trunk takes REFER; `auto` = as learned',
      default: 'auto',
    }),
    referTo: Type.Enum(['sip', 'tel'], {
      description: 'Form of a phone number in Refer-To',
      default: 'sip',
    }),
    headersIn: Type.Enum(['message', 'referTo'], {
      description: 'Where custom headers go on a REFER: beside Refer-To, or inside its URI',
      default: 'message',
    }),
    dtmfInfo: Type.Boolean({
      description: 'Digits after the answer (`postDial`) can be sent as INFO, where media is direct',
      default: false,
    }),
  },
  { description: 'What the trunk can do', default: {} },
);

const headerBudget = strict(
  {
    count: Type.Integer({ description: 'Headers', minimum: 0, maximum: 64, default: 33 }),
    bytes: Type.Integer({
      description: 'Their lines together, `Name: value` and line end',
      minimum: 0,
      maximum: 65_536,
      default: 36_864,
    }),
  },
  { description: 'Custom headers and User-to-User the trunk puts up with; more is an error', default: {} },
);

const limits = strict(
  {
    concurrent: Type.Optional(
      Type.Integer({
        description: 'Calls of transfers at one time, ringing or talking, and REFERs without a verdict',
        minimum: 1,
        maximum: 100_000,
      }),
    ),
    perMinute: Type.Optional(
      Type.Integer({
        description: 'INVITEs and REFERs of transfers in a minute',
        minimum: 1,
        maximum: 100_000,
      }),
    ),
    perTargetPerMinute: Type.Optional(
      Type.Integer({
        description: 'The same to one and the same target',
        minimum: 1,
        maximum: 10_000,
      }),
    ),
  },
  { description: 'How much transfers may use the trunk; without a key, any number', default: {} },
);

const auth = strict(
  {
    username: Type.String({ description: 'Digest user name', minLength: 1, maxLength: 255 }),
    password: secret('Digest password'),
    passwordFile: secretFile('password'),
  },
  { description: 'Answers 401 and 407' },
);

const trunk = strict({
  allow: Type.Array(Type.String({ format: 'cidr' }), {
    description: 'Sources of its calls, as CIDR blocks; others get no answer',
    minItems: 1,
    maxItems: 256,
  }),
  proxy: Type.Optional(
    Type.String({
      description: 'Where calls to this network go; without it the trunk is inbound only',
      format: 'sip-proxy',
    }),
  ),
  auth: Type.Optional(auth),
  register: Type.Boolean({ description: 'Register with the proxy', default: false }),
  pingMs: Type.Optional(
    Type.Integer({
      description: 'How often the proxy is asked by OPTIONS whether it is there; without it, never',
      minimum: 1000,
      maximum: 3_600_000,
    }),
  ),
  numberFormat: Type.String({
    description: 'How the trunk wants numbers: raw, e164, plainE164, national(<CC>)',
    format: 'number-format',
    default: 'raw',
  }),
  transfer,
  callerId,
  headerBudget,
  limits,
  failover: Type.Array(Type.String(), {
    description: 'Trunks that carry the call when this one fails, in order',
    maxItems: 8,
    default: [],
  }),
  statusMap: Type.Record(Type.String(), Type.Integer({ minimum: 400, maximum: 699 }), {
    description: 'Final codes towards this trunk: `603: 486`',
    maxProperties: 100,
    default: {},
  }),
  referFromNetwork: Type.Optional(referFromNetwork),
  provider: Type.Optional(provider),
});

export const trunksSchema = Type.Record(Type.String({ pattern: NAME }), trunk, {
  description: 'Networks calls come from and go to, by name',
  default: {},
});

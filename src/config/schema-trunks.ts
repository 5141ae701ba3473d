import { Type } from 'typebox';
import { NAME, secret, secretFile, strict } from './strict-object.js';

export const referFromNetwork = Type.Enum(['deny', 'allow'], {
  description: 'Whether a REFER from the network may transfer a call (deny = 603)',
});

const callerId = strict(
  {
    policy: Type.Enum(['caller', 'bot', 'fixed', 'anonymous'], {
      description: "Number shown to the target: the caller's, the one the caller dialled, `number`, or none",
      default: 'caller',
    }),
    number: Type.Optional(Type.String({ description: 'For `fixed`', format: 'phone-number' })),
    allowForeignCallerId: Type.Boolean({
      description: "Show the caller's number on a registering trunk too",
      default: false,
    }),
  },
  { description: 'Who the target sees calling', default: {} },
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
  auth: Type.Optional(
    strict(
      {
        username: Type.String({ description: 'Digest user name', minLength: 1, maxLength: 255 }),
        password: secret('Digest password'),
        passwordFile: secretFile('password'),
      },
      { description: 'Answers 401 and 407' },
    ),
  ),
  register: Type.Boolean({ description: 'Register with the proxy', default: false }),
  numberFormat: Type.String({
    description: 'How the trunk wants numbers: raw, e164, plainE164, national(<CC>)',
    format: 'number-format',
    default: 'raw',
  }),
  transfer: strict(
    {
      refer: Type.Enum(['auto', 'yes', 'no'], {
        description: 'Whether this trunk takes REFER',
        default: 'auto',
      }),
    },
    { description: 'What the trunk can do', default: {} },
  ),
  callerId,
  referFromNetwork: Type.Optional(referFromNetwork),
});

export const trunksSchema = Type.Record(Type.String({ pattern: NAME }), trunk, {
  description: 'Networks calls come from and go to, by name',
  default: {},
});

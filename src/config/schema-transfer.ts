import { Type } from 'typebox';
import { failurePolicy } from '../shape/failure-policy.js';
import { referFromNetwork } from './schema-trunks.js';
import { strict } from './strict-object.js';

const method = Type.Enum(['auto', 'invite', 'refer', 'bye'], {
  description: 'How the caller is handed over',
});
const ringTimeoutMs = Type.Integer({
  description: 'How long one target rings',
  minimum: 100,
  maximum: 600_000,
});
const returnToBot = Type.Boolean({ description: 'Bring the caller back to the bot when the agent leaves' });
const callerSilenceMs = Type.Integer({
  description: 'How long a caller may hear nothing when the bot left while the target still rings',
  minimum: 0,
  maximum: 120_000,
});

/** The whole of `transfer`: the lowest layer, so every key has a value. */
export const transferSchema = strict(
  {
    method: { ...method, default: 'auto' },
    ringTimeoutMs: { ...ringTimeoutMs, default: 30_000 },
    returnToBot: { ...returnToBot, default: false },
    callerSilenceMs: { ...callerSilenceMs, default: 10_000 },
    onFailure: {
      ...failurePolicy,
      description: 'What follows a failed attempt; the first rule that matches acts',
      default: [],
    },
  },
  { description: 'Defaults of every transfer; a channel and a command may say otherwise', default: {} },
);

/** A channel's own layer: what it leaves out comes from `transfer`. */
export const transferLayer = strict(
  {
    method: Type.Optional(method),
    ringTimeoutMs: Type.Optional(ringTimeoutMs),
    returnToBot: Type.Optional(returnToBot),
    callerSilenceMs: Type.Optional(callerSilenceMs),
    onFailure: Type.Optional(failurePolicy),
  },
  { description: "This channel's own `transfer` settings" },
);

export const policySchema = strict(
  {
    allow: strict(
      {
        countries: Type.Optional(
          Type.Array(Type.String({ format: 'country' }), {
            description: 'Countries a number may belong to',
            maxItems: 250,
          }),
        ),
        hosts: Type.Optional(
          Type.Array(Type.String({ format: 'host' }), {
            description: 'Hosts a SIP target may name; without it, only those this configuration names',
            maxItems: 1000,
          }),
        ),
      },
      { description: 'Targets outside are refused before any SIP', default: {} },
    ),
    referFromNetwork: { ...referFromNetwork, default: 'deny' },
  },
  { description: 'Who may be transferred where', default: {} },
);

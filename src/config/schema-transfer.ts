import { Type } from 'typebox';
import { failurePolicy } from '../shape/failure-policy.js';
import { transferSounds } from '../shape/transfer-sounds.js';
import { referFromNetwork } from './schema-trunks.js';
import { milliseconds, strict } from './strict-object.js';

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

const TIMERS = {
  responseMs: 'REFER to its final response',
  firstNotifyMs: 'Its 2xx to the first NOTIFY',
  totalMs: 'REFER to the final NOTIFY',
  departMs: "Final 2xx NOTIFY to the far end's BYE; then we send one",
} as const;
const timerBounds = { minimum: 100, maximum: 600_000 } as const;
const timer = (description: string) => Type.Optional(Type.Integer({ description, ...timerBounds }));

/** The timers of `method: refer`; `ringTimeoutMs` runs from the first NOTIFY to the final one. */
const referTimers = strict(
  {
    responseMs: milliseconds(TIMERS.responseMs, 100, 600_000, 15_000),
    firstNotifyMs: milliseconds(TIMERS.firstNotifyMs, 100, 600_000, 15_000),
    totalMs: milliseconds(TIMERS.totalMs, 100, 600_000, 120_000),
    departMs: milliseconds(TIMERS.departMs, 100, 600_000, 5000),
  },
  { description: 'Timers of a REFER', default: {} },
);
const referLayer = strict(
  {
    responseMs: timer(TIMERS.responseMs),
    firstNotifyMs: timer(TIMERS.firstNotifyMs),
    totalMs: timer(TIMERS.totalMs),
    departMs: timer(TIMERS.departMs),
  },
  { description: 'Timers of a REFER' },
);

/** The whole of `transfer`: the lowest layer, so every key has a value. */
export const transferSchema = strict(
  {
    method: { ...method, default: 'auto' },
    refer: referTimers,
    ringTimeoutMs: { ...ringTimeoutMs, default: 30_000 },
    returnToBot: { ...returnToBot, default: false },
    callerSilenceMs: { ...callerSilenceMs, default: 10_000 },
    onFailure: {
      ...failurePolicy,
      description: 'What follows a failed attempt; the first rule that matches acts',
      default: [],
    },
    ...transferSounds,
  },
  { description: 'Defaults of every transfer; a channel and a command may say otherwise', default: {} },
);

/** A channel's own layer: what it leaves out comes from `transfer`. */
export const transferLayer = strict(
  {
    method: Type.Optional(method),
    refer: Type.Optional(referLayer),
    ringTimeoutMs: Type.Optional(ringTimeoutMs),
    returnToBot: Type.Optional(returnToBot),
    callerSilenceMs: Type.Optional(callerSilenceMs),
    onFailure: Type.Optional(failurePolicy),
    ...transferSounds,
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
    deny: strict(
      {
        prefixes: Type.Array(Type.String({ format: 'number-prefix' }), {
          description: 'Beginnings of numbers refused beside the premium ranges: +4470, 0900',
          maxItems: 1000,
          default: [],
        }),
      },
      { description: 'Numbers refused whatever is allowed', default: {} },
    ),
    referFromNetwork: { ...referFromNetwork, default: 'deny' },
  },
  { description: 'Who may be transferred where', default: {} },
);

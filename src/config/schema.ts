import { type Static, Type } from 'typebox';
import { channelsSchema } from './schema-channels.js';
import { apiSchema, mediaSchema, sipSchema, storeSchema } from './schema-sip.js';
import { cdrSchema, sessionsSchema } from './schema-sessions.js';
import { soundsSchema } from './schema-sounds.js';
import { targetsSchema } from './schema-targets.js';
import { policySchema, transferSchema } from './schema-transfer.js';
import { trunksSchema } from './schema-trunks.js';
import { milliseconds, strict } from './strict-object.js';

/**
 * The whole configuration (CONTRACT 2), once: the loader checks against it and takes the defaults from it,
 * `config/schema.json` and `docs/config.md` are generated from it, and {@link Config} is its type.
 */
export const configSchema = strict(
  {
    sip: sipSchema,
    media: mediaSchema,
    store: storeSchema,
    api: apiSchema,
    trunks: trunksSchema,
    channels: channelsSchema,
    targets: targetsSchema,
    policy: policySchema,
    transfer: transferSchema,
    sounds: soundsSchema,
    sessions: sessionsSchema,
    cdr: cdrSchema,
    limits: strict(
      {
        maxCalls: Type.Integer({
          description: 'Calls at a time; one more is answered 503 with Retry-After',
          minimum: 1,
          maximum: 1_000_000,
          default: 2000,
        }),
      },
      { description: 'Limits of the engine', default: {} },
    ),
    log: strict(
      {
        level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
          description: 'What is logged',
          default: 'info',
        }),
        numbers: Type.Enum(['masked', 'plain'], {
          description: 'Phone numbers and SIP users in the log: `+1612***6789`, or whole',
          default: 'masked',
        }),
      },
      { description: 'Log', default: {} },
    ),
    drainMs: milliseconds('How long live calls may go on after SIGTERM', 0, 3_600_000, 15_000),
    handOver: Type.Boolean({
      description:
        'What becomes of direct conversations after drainMs: true leaves them to another engine on the same Redis, where there is one and the SIP server is not embedded; all others are hung up',
      default: true,
    }),
  },
  { title: 'Switchhook configuration' },
);

/** A checked configuration: defaults filled in, `${VARIABLES}` and `*File` keys replaced by what they stand for. */
export type Config = Static<typeof configSchema>;
export type TrunkConfig = Config['trunks'][string];
export type ChannelConfig = Config['channels'][string];

import { Type } from 'typebox';
import { strict } from './strict-object.js';

const minutes = (what: string, usual: number) =>
  Type.Number({ description: what, minimum: 0, maximum: 525_600, default: usual });

export const sessionsSchema = strict(
  {
    ttlMinutes: strict(
      {
        voice: minutes('Calls; 0 = never: the session ends with its call', 0),
        chat: minutes('Chats', 30),
        messaging: minutes('Messengers', 30),
        email: minutes('Mails', 1440),
        campaign: minutes('Campaigns', 60),
      },
      { description: 'Minutes after the last sign of life that a session is over; 0 = never', default: {} },
    ),
    reconcileMs: Type.Integer({
      description: 'Between two looks at sessions whose call may be gone',
      minimum: 100,
      maximum: 3_600_000,
      default: 30_000,
    }),
  },
  { description: 'Transfer sessions', default: {} },
);

export const cdrSchema = strict(
  {
    file: Type.Optional(
      Type.String({
        description:
          'File the detail record of each call is appended to, one JSON object a line; relative to the configuration',
        minLength: 1,
        maxLength: 1024,
      }),
    ),
    keep: Type.Integer({
      description: 'Records in the stream, where the store is Redis; older ones go',
      minimum: 0,
      maximum: 100_000_000,
      default: 100_000,
    }),
  },
  { description: 'Call detail records', default: {} },
);

/** The system behind a trunk or a queue. */
export const provider = strict(
  {
    name: Type.String({
      description: 'Its name in sessions',
      format: 'one-line',
      minLength: 1,
      maxLength: 64,
    }),
    sessionHeader: Type.Optional(
      Type.String({
        description: 'Header of its answers to an INVITE that says what it calls the session: X-Genesys-Id',
        format: 'header-name',
        minLength: 1,
        maxLength: 128,
      }),
    ),
  },
  { description: 'The contact centre or help desk behind it' },
);

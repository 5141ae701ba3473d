import { type Static, Type } from 'typebox';
import { milliseconds, NAME, strict } from '../config/strict-object.js';

/** Anything: matched in part against what is there (see `match.ts`), or handed over as it is. */
const anything = (description: string) => Type.Unknown({ description });
const mapping = (description: string) =>
  Type.Record(Type.String(), Type.Unknown({ description }), { description });
const texts = (description: string) =>
  Type.Record(Type.String(), Type.String(), { description, default: {} });
const list = (description: string) => Type.Array(Type.String(), { description, default: [] });

/** Both directions are seen from the party. */
const direction = Type.Enum(['received', 'sent'], {
  description: 'Seen from the party',
  default: 'received',
});
const messageName = Type.String({ description: '`INVITE`, or code and method of a response: `200 INVITE`' });
const nth = Type.Integer({ description: 'Which of them', minimum: 1, maximum: 100, default: 1 });

const party = strict({
  role: Type.Enum(['uac', 'uas'], { description: 'Calls, or is called' }),
  sippFile: Type.String({ description: 'SIPp XML beside scenario.yml, or common/NAME.xml', minLength: 1 }),
  dial: Type.String({ description: 'User part a uac calls', default: '18005550100' }),
  address: Type.Optional(Type.String({ description: "Own address; without it the scenario's" })),
  transport: Type.Enum(['udp', 'tcp'], { description: 'Transport', default: 'udp' }),
  csv: Type.Optional(Type.String({ description: 'SIPp injection file beside scenario.yml' })),
  keys: texts('Values of [keywords] in the XML'),
  set: texts('Values of global variables of the XML'),
  args: list('More arguments for SIPp'),
  waits: Type.Boolean({ description: 'Begins at its step `start`, not with the others', default: false }),
  calls: Type.Integer({
    description: 'Calls it takes or makes; 0 = must hear nothing',
    minimum: 0,
    maximum: 20,
    default: 1,
  }),
});

const withinMs = milliseconds('How long to wait', 10, 60_000, 10_000);
const save = texts('Names for later `{name}`: a path into the event or answer, or a header of the message');

const event = strict({
  type: Type.String({ description: 'Type of a bot event; any, when left out', default: '' }),
  where: Type.Optional(mapping('What it must say, in part')),
  withinMs,
  save,
});
const message = strict({ at: Type.String(), is: messageName, direction, nth, withinMs, save });
const exit = strict({ party: Type.String({ description: 'A party that comes to its end' }), withinMs });

const start = strict({ party: Type.String({ description: 'A party that waits' }) });

const call = strict({
  method: Type.Enum(['GET', 'POST', 'DELETE'], { description: 'HTTP method' }),
  path: Type.String({ description: 'Path on the engine', minLength: 1 }),
  headers: texts('HTTP headers'),
  body: Type.Optional(anything('JSON body')),
  status: Type.Integer({ description: 'Expected status', minimum: 100, maximum: 599 }),
  answer: Type.Optional(anything('What the answer must say, in part')),
  save,
});

const cue = strict({
  party: Type.String(),
  say: Type.String({ description: 'Method name its XML waits for', pattern: '^[A-Z]{2,20}$' }),
  carrying: Type.Optional(
    Type.String({ description: 'What its XML reads from the header X-Cue', pattern: '^[^\\r\\n]*$' }),
  ),
});

/** `event`, `message` and `exit` wait; `start`, `call` and `cue` act. */
const step = Type.Union([
  strict({ event }),
  strict({ message }),
  strict({ exit }),
  strict({ start }),
  strict({ call }),
  strict({ cue }),
]);

const expectedEvent = Type.Union([
  Type.String({ description: 'An event of this type' }),
  mapping('An event that says this, in part'),
  strict({ exact: anything('The whole body, key by key in this order') }),
]);

const expectedMessage = strict({
  at: Type.String({ description: 'Party' }),
  message: messageName,
  direction,
  nth,
  headers: texts('Headers it must have'),
  case: Type.Enum(['exact', 'any'], { description: 'Whether case of header names counts', default: 'any' }),
  absent: list('Headers it must not have'),
  uri: Type.Optional(Type.String({ description: 'Request-URI' })),
  body: list('Lines or /patterns/ the body must have'),
  bodyAbsent: list('Lines or /patterns/ the body must not have'),
});

const count = strict({
  at: Type.String({ description: 'Party' }),
  message: messageName,
  direction,
  times: Type.Integer({ description: 'How often; retransmissions do not count', minimum: 0, maximum: 100 }),
});

const expectation = strict(
  {
    events: Type.Array(expectedEvent, {
      description: 'What the bot is told: all of it, in order',
      default: [],
    }),
    otherEvents: list('Types of events that may come besides, anywhere'),
    messages: Type.Array(expectedMessage, { description: 'What a message looked like', default: [] }),
    counts: Type.Array(count, { description: 'How often a message was seen', default: [] }),
    transferStatus: Type.Optional(mapping('GET /v1/calls/{callId}/transfer-status at the end')),
  },
  { default: {} },
);

/** `scenario.yml`; sip-scenarios/README.md explains it with an example. */
export const scenarioSchema = strict({
  title: Type.String({ description: 'What the scenario proves', minLength: 1 }),
  covers: list('Rows of matrix.yml it proves'),
  address: Type.String({ description: 'Where engine and parties are', default: '127.0.0.1' }),
  engine: { ...mapping('Configuration laid over the base configuration'), default: {} },
  parties: Type.Record(Type.String({ pattern: NAME }), party, { description: 'SIPp processes by name' }),
  steps: Type.Array(step, { description: 'What happens, in order', default: [] }),
  expect: expectation,
  embeddedOnly: Type.Optional(
    Type.String({ description: 'Why it cannot hold on a drachtio-server', minLength: 1 }),
  ),
  deadlineMs: milliseconds('Longest duration once the engine is ready', 1000, 120_000, 30_000),
});

export type Scenario = Static<typeof scenarioSchema>;
export type Party = Scenario['parties'][string];
export type Step = Scenario['steps'][number];
export type EventStep = Extract<Step, { event: unknown }>['event'];
export type MessageStep = Extract<Step, { message: unknown }>['message'];
export type CueStep = Extract<Step, { cue: unknown }>['cue'];
export type CallStep = Extract<Step, { call: unknown }>['call'];
export type Expectation = Scenario['expect'];
export type ExpectedEvent = Expectation['events'][number];
export type ExpectedMessage = Expectation['messages'][number];
export type ExpectedCount = Expectation['counts'][number];

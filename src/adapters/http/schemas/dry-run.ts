import { Type } from 'typebox';
import { OUTCOMES } from '../../../domain/outcome.js';
import { closed, nullable, oneOf } from './named.js';

const text = Type.String();
const count = Type.Integer();

const METHODS = ['invite', 'refer', 'bye'];

const request = Type.Object(
  {
    to: text,
    sip: Type.String({
      description:
        'The message; in braces what only the SIP server or the moment can know. Lines end in CRLF.',
    }),
    postDial: nullable(text),
  },
  closed,
);

const way = Type.Object(
  {
    method: oneOf(METHODS),
    trunk: nullable(text),
    after: nullable(oneOf(['caller_id_refused', 'trunk_failed', 'method_refused'], 'What must have failed.')),
    headerBudget: nullable(Type.Object({ count, bytes: count, maxCount: count, maxBytes: count }, closed)),
    requests: Type.Array(request, { description: 'Several are sent together.' }),
  },
  closed,
);

export const DryRun = Type.Object(
  {
    method: oneOf(['auto', ...METHODS]),
    refusal: nullable(
      Type.Object(
        { code: oneOf(['transfer_pending', 'transfer_not_possible', 'rate_limited']), detail: text },
        {
          description: 'Why the command would be refused at this moment; null: it would be taken.',
          ...closed,
        },
      ),
    ),
    targets: Type.Array(Type.Object({ target: text, ringTimeoutMs: count, ways: Type.Array(way) }, closed), {
      description: 'In the order in which they would be tried.',
    }),
    redirect: nullable(
      Type.String({
        description: 'The 302 of a channel with `redirect` to the first target, if it can name it.',
      }),
    ),
    layers: Type.Array(
      Type.Object(
        {
          field: text,
          value: Type.Unknown(),
          layer: oneOf(['command', 'node', 'integration', 'channel', 'trunk', 'default']),
        },
        closed,
      ),
      { description: 'Every value a command may leave open, and who decided it.' },
    ),
  },
  { $id: 'DryRun', description: 'A transfer that was planned and not made.', ...closed },
);

const step = Type.Object(
  {
    attempt: count,
    target: text,
    matching: Type.Array(count, {
      description: 'Rules that match, counted from 1; the first that can still act does.',
    }),
    action: oneOf(['next', 'retry', 'play', 'goto', 'end', 'stay'], 'stay: the caller stays with the bot.'),
    afterMs: Type.Optional(count),
    node: Type.Optional(text),
    message: Type.Optional(
      Type.Object(
        { text: Type.Optional(text), file: Type.Optional(text), audioUri: Type.Optional(text) },
        closed,
      ),
    ),
  },
  closed,
);

export const PolicyChain = Type.Object(
  {
    outcome: oneOf(OUTCOMES),
    sipCode: nullable(count),
    chain: Type.Array(step),
    problems: Type.Array(Type.Object({ path: text, message: text }, closed)),
  },
  {
    $id: 'PolicyChain',
    description: 'Every attempt fails in the same way; the last action ends the transfer.',
    ...closed,
  },
);

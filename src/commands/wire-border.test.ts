import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TransferCommand } from '../domain/command.js';
import { AppError } from '../errors.js';
import { formatUserToUser } from '../sip/uui.js';
import { parseReplies } from './jaicp-replies.js';
import { parseNativeCommand } from './native-command.js';

/** Near every grammar at once, with line ends, NUL and lengths no field may have. */
const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('\r', '\n', '\0', '\r\n', '%0d%0a', '\u2028', '\ud800', '\t') },
      {
        weight: 12,
        arbitrary: fc.constantFrom('a', '1', 'ff', '+', '#', 'w', 'X-', ' ', '=', ';', ':', '"'),
      },
      {
        weight: 6,
        arbitrary: fc.constantFrom('sip:', '@b.com', 'tel:', '<', '>', 'Via', '?X=1', '16125550100'),
      },
      { weight: 1, arbitrary: fc.constantFrom('1'.repeat(70), 'a'.repeat(1100), 'x'.repeat(3000)) },
      { weight: 2, arbitrary: fc.string({ maxLength: 4 }) },
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(''));

/** What of a command can come to stand in a SIP message. */
function wired(command: TransferCommand): readonly string[] {
  const { callerId, userToUser, reason, via } = command;
  return [
    ...command.targets.flatMap((target) => Object.values(target)),
    ...command.headers.flat(),
    ...[callerId?.number, userToUser && written(userToUser), reason, via].filter(
      (value) => value !== undefined,
    ),
  ];
}

/** Text may have lines: what stands in the message is hex. */
function written(userToUser: NonNullable<TransferCommand['userToUser']>): string {
  const value = formatUserToUser(userToUser);
  if (value === undefined) throw new Error(`passed and is no header: ${JSON.stringify(userToUser)}`);
  return value;
}

/** Parsed, or refused in the proper way. */
function parsed(parse: () => readonly TransferCommand[]): readonly TransferCommand[] {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

function holds(commands: readonly TransferCommand[]): void {
  for (const value of commands.flatMap(wired)) {
    if (/[\r\n\0]/.test(value)) throw new Error(`a line end passed in ${JSON.stringify(value)}`);
    if (value.length > 2048) throw new Error(`${value.length} characters passed`);
  }
}

/** Each user string in a command that is fine otherwise, so that this string alone decides. */
const PLACES: Record<string, (text: string) => object> = {
  phoneNumber: (t) => ({ target: { phoneNumber: t } }),
  sipUri: (t) => ({ target: { sipUri: t } }),
  queue: (t) => ({ target: { queue: t } }),
  extension: (t) => ({ target: { extension: t } }),
  postDial: (t) => ({ target: { phoneNumber: '1', postDial: t } }),
  headerName: (t) => ({ target: { phoneNumber: '1' }, headers: { [t]: 'v' } }),
  headerValue: (t) => ({ target: { phoneNumber: '1' }, headers: { 'X-A': t } }),
  hexData: (t) => ({ target: { phoneNumber: '1' }, userToUser: { data: t, encoding: 'hex' } }),
  textData: (t) => ({ target: { phoneNumber: '1' }, userToUser: { data: t, encoding: 'text' } }),
  base64Data: (t) => ({ target: { phoneNumber: '1' }, userToUser: { data: t, encoding: 'base64' } }),
  callerId: (t) => ({ target: { phoneNumber: '1' }, callerId: { policy: 'fixed', number: t } }),
  reason: (t) => ({ target: { phoneNumber: '1' }, reason: t }),
};

describe('no line end and nothing overlong gets from a command onto the wire', () => {
  it.each(Object.entries(PLACES))('through %s', (_place, body) => {
    fc.assert(
      fc.property(text, (t) => holds(parsed(() => [parseNativeCommand(body(t))]))),
      { numRuns: Math.ceil(100_000 / Object.keys(PLACES).length) },
    );
  });

  it.each<[string, (t: string) => object]>([
    ['phoneNumber', (t) => ({ phoneNumber: t })],
    ['sipUri', (t) => ({ sipUri: t })],
    ['a header name', (t) => ({ phoneNumber: '1', headers: { [t]: 1 } })],
    ['a header value', (t) => ({ phoneNumber: '1', headers: { a: t } })],
  ])('through %s of a JAICP switch', (_place, reply) => {
    const commands = (t: string) =>
      parseReplies([{ type: 'switch', ...reply(t) }]).flatMap((r) =>
        r.kind === 'switch' ? [r.command] : [],
      );
    fc.assert(
      fc.property(text, (t) => holds(parsed(() => commands(t)))),
      { numRuns: 10_000 },
    );
  });

  it('and the fields of this test do let good text through', () => {
    const good: Record<string, string> = { sipUri: 'sip:a@b', headerName: 'X-B', base64Data: 'YWJj' };
    const wire: Record<string, string> = {
      hexData: '12;encoding=hex',
      textData: '3132;encoding=hex',
      base64Data: '616263;encoding=hex',
    };
    for (const [place, body] of Object.entries(PLACES)) {
      const [command] = parsed(() => [parseNativeCommand(body(good[place] ?? '12'))]);
      expect(command === undefined ? [] : wired(command), place).toContain(
        wire[place] ?? good[place] ?? '12',
      );
    }
  });
});

import { afterEach, expect, it } from 'vitest';
import type { TransferCommand } from '../../src/domain/command.js';
import type { CallId } from '../../src/domain/ids.js';
import { describeServers } from '../support/contract-bench.js';
import {
  channelOf,
  startEngineBench,
  type EngineBench,
  type EngineBenchOptions,
} from '../support/engine-bench.js';
import { byed, cancelled, hangsUp, talking, verdict } from '../support/engine-flow.js';
import type { SipMessage } from '../support/sip-phone/index.js';

describeServers('a dry run is what is then sent', (server) => {
  let bench: EngineBench;

  const start = async (options: EngineBenchOptions = {}): Promise<void> => {
    bench = await startEngineBench(server.backend, options);
  };

  afterEach(async () => {
    await bench.close();
  });

  const command = (over: Partial<TransferCommand>): TransferCommand => ({
    targets: [{ sipUri: bench.target.uri }],
    method: 'invite',
    headers: [['X-Reason', 'support']],
    metadata: {},
    ...over,
  });

  /** The first message a dry run of this command shows; nothing is sent or told for it. */
  async function foretold(callId: CallId, over: Partial<TransferCommand>): Promise<string> {
    const before = bench.events.types();
    const { targets } = await bench.engine.control.dryRun(callId, command(over));
    expect(bench.events.types()).toEqual(before);
    return targets[0]?.ways[0]?.requests[0]?.sip ?? '';
  }

  it('shows the 302 of a channel that redirects there, as it then is', async () => {
    await start({
      channels: [
        {
          ...channelOf('moved'),
          match: { trunk: 'carrier', did: ['81'] },
          answer: { by: 'redirect', to: { sipUri: 'sip:desk@127.0.0.1:5999' } },
        },
      ],
    });
    const { caller, bot, callId } = await talking(bench);
    const wish = command({ targets: [{ sipUri: 'sip:desk@127.0.0.1:5999' }] });
    const { redirect } = await bench.engine.control.dryRun(callId, wish);
    const moved = bench.caller.call(bench.backend.sip(), { to: '81' });
    moved.invite({ headers: wish.headers });
    const answer = await moved.expect(302);
    moved.ack(answer);
    expect(redirect).toContain('SIP/2.0 302 Moved Temporarily\r\n');
    expect(redirect).toContain(`\r\nContact: ${answer.need('contact')}\r\n`);
    expect(redirect).toContain(`\r\nX-Reason: ${answer.need('x-reason')}\r\n`);
    await hangsUp(caller);
    await byed(bot);
    await bench.settled();
  });

  /** Line by line, in whatever order the server puts them; braces stand for one value each. */
  function expectSame(sip: string, real: SipMessage): void {
    const linesOf = (text: string) =>
      text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n').map(nameLow).sort();
    const shown = linesOf(sip);
    const sent = linesOf(real.raw.toString('utf8'));
    const unlike = shown.filter((line) => !sent.some((other) => pattern(line).test(other)));
    expect({ unlike, count: shown.length }).toEqual({ unlike: [], count: sent.length });
  }

  it('by INVITE', async () => {
    await start();
    const { caller, bot, callId } = await talking(bench);
    const data = { data: '0aff', encoding: 'hex' } as const;
    const sip = await foretold(callId, { userToUser: data });
    await bench.engine.control.transfer(callId, command({ userToUser: data }));
    const invite = await bench.target.expect('INVITE');
    expectSame(sip, invite);
    expect(invite.need('user-to-user')).toBe('0aff;encoding=hex');
    const target = bench.target.answering(invite);
    target.respond(invite, 180);
    await bench.events.next('transfer.attempt.ringing');
    await hangsUp(caller);
    await cancelled(target, invite);
    await byed(bot);
    await bench.settled();
  });

  it('by REFER', async () => {
    await start();
    const { caller, bot, callId } = await talking(bench);
    const sip = await foretold(callId, { method: 'refer' });
    await bench.engine.control.transfer(callId, command({ method: 'refer' }));
    const refer = await caller.expect('REFER');
    expectSame(sip, refer);
    caller.respond(refer, 603);
    await verdict(bench, 'transfer.failed');
    await hangsUp(caller);
    await byed(bot);
    await bench.settled();
  });

  it('by BYE', async () => {
    await start();
    const { caller, bot, callId } = await talking(bench);
    const over = { method: 'bye', reason: 'user_request', targets: [{ queue: 'support' }] } as const;
    const sip = await foretold(callId, over);
    await bench.engine.control.transfer(callId, command(over));
    // Every transfer is a session of its own: its id is the one value that cannot be foretold.
    expectSame(sip.replace(/agent_transfer:[^:]+/, 'agent_transfer:{id}'), await byed(caller));
    await byed(bot);
    await bench.settled();
  });

  it('says what about this moment would refuse the command, and shows it all the same', async () => {
    const limits = { concurrent: 1, perMinute: null, perTargetPerMinute: null };
    await start({ trunk: { limits } });
    const { caller, bot, callId } = await talking(bench);
    const other = await talking(bench);
    const { control } = bench.engine;
    const refusal = async (id: CallId) => {
      const run = await control.dryRun(id, command({}));
      expect(run.targets[0]?.ways[0]?.requests[0]?.sip).toContain('INVITE ');
      return run.refusal;
    };
    expect(await refusal(callId)).toBeNull();
    const { transferId } = await control.transfer(callId, command({}));
    expect(await refusal(callId)).toEqual({
      code: 'transfer_pending',
      detail: `transfer ${transferId} is pending`,
    });
    expect(await refusal(other.callId)).toMatchObject({
      code: 'rate_limited',
      detail: expect.stringContaining('trunks.carrier.limits.concurrent') as string,
    });
    const invite = await bench.target.expect('INVITE');
    const target = bench.target.answering(invite);
    target.respond(invite, 486);
    await target.expect('ACK');
    await bench.events.next('transfer.returned');
    expect([await refusal(callId), await refusal(other.callId)]).toEqual([null, null]);
    for (const call of [{ caller, bot }, other]) {
      await hangsUp(call.caller);
      await byed(call.bot);
    }
    await bench.settled();
  });

  it('refuses what would be refused, and tells nobody', async () => {
    await start({ trunk: { headerBudget: { count: 0, bytes: 8192 } }, policy: { allowHosts: [] } });
    const { caller, bot, callId } = await talking(bench);
    const { control } = bench.engine;
    await expect(control.dryRun(callId, command({}))).rejects.toMatchObject({ code: 'target_not_allowed' });
    const number = command({ targets: [{ phoneNumber: '16125550123' }] });
    await expect(control.dryRun(callId, number)).rejects.toMatchObject({ code: 'header_budget' });
    expect(bench.events.types()).toEqual(['call.started']);
    await hangsUp(caller);
    await byed(bot);
    await bench.settled();
  });
});

/** The real server writes known header names in its own spelling. */
function nameLow(line: string): string {
  const colon = line.indexOf(': ');
  return colon < 0 ? line : line.slice(0, colon).toLowerCase() + line.slice(colon);
}

const pattern = (line: string): RegExp =>
  new RegExp(
    `^${line
      .split(/\{[a-z-]+\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+')}$`,
  );

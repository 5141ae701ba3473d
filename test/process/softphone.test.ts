import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { whyNoBaresip } from '../support/softphone/baresip-home.js';
import type { Baresip } from '../support/softphone/baresip.js';
import { AGENT, COLLEAGUE, Softphones } from '../support/softphone/softphones.js';

const name = `a softphone in every seat${whyNoBaresip === null ? '' : ` [${whyNoBaresip}]`}`;

describe.skipIf(whyNoBaresip !== null)(name, () => {
  let phones: Softphones;

  beforeAll(async () => {
    phones = await Softphones.start();
  });
  beforeEach(() => phones.clear());
  afterEach(async ({ task }) => {
    // `call.ended` is told when everybody is let go; the last of them may still have to say so.
    if (task.result?.state !== 'fail') await expect.poll(() => phones.live(), { timeout: 5000 }).toBe(0);
  });
  afterAll(() => phones.close());

  /** The caller with the agent, by INVITE. */
  async function bridged(): Promise<void> {
    const { agent } = phones;
    const callId = await phones.talk();
    await phones.transfer(callId, { target: { extension: AGENT }, method: 'invite', returnToBot: true });
    await agent.answer();
    // What it hears now is the caller.
    await agent.next('CALL_RTPESTAB');
    await phones.next('transfer.bridged');
  }

  /** Until it has the answer: baresip makes one offer at a time. */
  async function offers(phone: Baresip, command: 'hold' | 'resume'): Promise<void> {
    phone.forget();
    await phone.command(command);
    await phone.next('CALL_REMOTE_SDP');
  }

  async function hangsUp(): Promise<void> {
    await phones.caller.command('hangup');
    await phones.next('call.ended');
  }

  it('caller: to an agent, on hold from either side, back to the bot', async () => {
    const { caller, agent, bot } = phones;
    await bridged();
    await bot.is('inactive');
    for (const [holder, held] of [
      [agent, caller],
      [caller, agent],
    ] as const) {
      held.forget();
      await offers(holder, 'hold');
      await held.shows(/INVITE sip:[^]*a=sendonly/);
      held.forget();
      await offers(holder, 'resume');
      await held.shows(/INVITE sip:[^]*a=sendrecv/);
    }
    await agent.command('hangup');
    expect((await phones.next('transfer.completed')).data).toMatchObject({ outcome: 'answered' });
    await phones.next('transfer.returned');
    await bot.is('sendrecv');
    await bot.hears();
    await hangsUp();
  });

  it('caller: holds the bot, and hears it again', async () => {
    const { caller, bot } = phones;
    await phones.talk();
    await offers(caller, 'hold');
    await bot.is('recvonly');
    await offers(caller, 'resume');
    await bot.is('sendrecv');
    await bot.hears();
    await hangsUp();
    await bot.is(null);
  });

  it('caller: a digit typed in a bridge', async () => {
    const { caller, agent } = phones;
    await bridged();
    await caller.command('sndcode', '5');
    expect(await agent.next('CALL_DTMF_START')).toMatchObject({ param: '5' });
    await hangsUp();
    await agent.next('CALL_CLOSED');
  });

  it('caller: goes where a REFER sends it', async () => {
    const { agent } = phones;
    const callId = await phones.talk();
    await phones.transfer(callId, { target: { sipUri: phones.uri(AGENT) }, method: 'refer' });
    await agent.answer();
    expect((await phones.next('transfer.completed')).data).toMatchObject({
      outcome: 'answered',
      evidence: { sipCode: 200, phase: 'notify' },
    });
    await phones.next('call.ended');
    await agent.next('CALL_RTPESTAB');
    await hangsUp();
  });

  it('caller: stays with the bot when who it was sent to declines', async () => {
    const { agent, bot } = phones;
    const callId = await phones.talk();
    await phones.transfer(callId, { target: { sipUri: agent.uri }, method: 'refer' });
    await agent.decline();
    expect((await phones.next('transfer.failed')).data).toMatchObject({
      outcome: 'busy',
      evidence: { sipCode: 486, phase: 'notify' },
    });
    await bot.hears();
    await hangsUp();
  });

  it('caller: is handed back by BYE', async () => {
    const { caller, bot } = phones;
    const callId = await phones.talk();
    await phones.transfer(callId, { target: { phoneNumber: '16123456789' }, method: 'bye' });
    await caller.next('CALL_CLOSED');
    expect((await phones.next('transfer.completed')).data).toMatchObject({ outcome: 'answered' });
    await phones.next('call.ended');
    await bot.is(null);
  });

  it('agent: passes its caller on to a colleague', async () => {
    const { agent, colleague, bot } = phones;
    await bridged();
    await agent.command('transfer', phones.uri(COLLEAGUE));
    await colleague.answer();
    expect(await agent.next('CALL_CLOSED')).toMatchObject({ param: 'Call transfered' });
    await colleague.next('CALL_RTPESTAB');
    await phones.next('transfer.completed');
    await colleague.command('hangup');
    await phones.next('transfer.returned');
    await bot.hears();
    await hangsUp();
  });

  it('agent: is told that the colleague declined', async () => {
    const { agent, colleague, bot } = phones;
    await bridged();
    await agent.command('transfer', colleague.uri);
    await colleague.decline();
    expect(await agent.next('TRANSFER_FAILED')).toMatchObject({ param: '486 Rejected' });
    expect((await phones.next('transfer.failed')).data).toMatchObject({ outcome: 'busy' });
    // baresip 1.0.0 hangs up when a transfer fails, so the caller is the bot's again.
    await phones.next('transfer.returned');
    await bot.hears();
    await hangsUp();
  });
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  COLLEAGUE_PORT,
  consults,
  CONSULTING,
  dialogOf,
  letGo,
  replacing,
  talksTo,
} from '../support/consultation.js';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, trunkTo, type EngineBench } from '../support/engine-bench.js';
import { accept, bridged, byed, hangsUp } from '../support/engine-flow.js';
import { at, picksUp, refers, rings, sipfrag, turnsDown } from '../support/refer-flow.js';
import { SipPhone, type PhoneCall } from '../support/sip-phone/index.js';

/** Every character written as `%xx`. */
const escapedWhole = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const escapedInLowerCase = (text: string): string =>
  encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());

describeServers('Replaces inside Refer-To', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, CONSULTING);
  });

  afterEach(async () => {
    await bench.close();
  });

  async function over(party: PhoneCall, other: PhoneCall): Promise<void> {
    await hangsUp(party);
    await byed(other);
    await bench.settled();
  }

  const HOST = 'sip:77@127.0.0.1';
  const tags = ({ remoteTag, localTag }: PhoneCall): string => `from-tag=${localTag};to-tag=${remoteTag}`;
  const forms: readonly (readonly [string, (call: PhoneCall) => string])[] = [
    ['the tags in the other order', (call) => replacing(`${call.callId};${tags(call)}`)],
    ['escapes in lower case', (call) => `${HOST}?Replaces=${escapedInLowerCase(dialogOf(call))}`],
    ['every character escaped', (call) => `${HOST}?Replaces=${escapedWhole(dialogOf(call))}`],
    ['the header name in lower case', (call) => replacing(dialogOf(call)).replace('Replaces', 'replaces')],
    ['a parameter of its own', (call) => replacing(`${dialogOf(call)};x=1`)],
    ['Require beside it', (call) => `${replacing(dialogOf(call))}&Require=replaces`],
  ];
  for (const [what, referTo] of forms) {
    it(`${what}: the same dialog`, async () => {
      const { caller, target: agent } = await bridged(bench, false);
      const consultation = await consults(bench, bench.target);
      await talksTo(consultation);
      const { consulting, colleague } = consultation;
      await refers(agent, referTo(consulting));
      await byed(consulting);
      expect((await accept(caller, 40000)).body).toContain(`m=audio ${COLLEAGUE_PORT}`);
      await accept(colleague.target, COLLEAGUE_PORT);
      expect(await sipfrag(agent)).toBe('SIP/2.0 200 OK');
      await hangsUp(agent);
      await over(caller, colleague.target);
    });
  }

  const refusals: readonly (readonly [string, number, (call: PhoneCall) => string])[] = [
    [
      'the tags changed for each other name no dialog of ours',
      481,
      ({ callId, remoteTag, localTag }) => `${callId};to-tag=${localTag};from-tag=${remoteTag}`,
    ],
    ['one tag is missing', 400, ({ callId, remoteTag }) => `${callId};to-tag=${remoteTag}`],
    ['one tag is there twice', 400, (call) => `${dialogOf(call)};to-tag=other`],
    ['early-only, and it has been answered', 486, (call) => `${dialogOf(call)};early-only`],
  ];
  for (const [what, code, dialog] of refusals) {
    it(`${what}: ${code}, and both calls stay as they were`, async () => {
      const { caller, target: agent } = await bridged(bench, false);
      const consultation = await consults(bench, bench.target);
      await talksTo(consultation);
      const { consulting, colleague } = consultation;
      const listening = server.backend.sip();
      agent.refer(`<${replacing(dialog(consulting), `sip:77@127.0.0.1:${listening.port}`)}>`);
      expect((await agent.expect((m) => m.cseqMethod === 'REFER' && m.status >= 200)).status).toBe(code);
      await hangsUp(consulting);
      await byed(colleague.target);
      await over(caller, agent);
    });
  }

  it('early-only, and it still rings: the caller gets the colleague', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const { consulting, colleague } = await consults(bench, bench.target);
    await refers(agent, replacing(`${dialogOf(consulting)};early-only`));
    await letGo(consulting);
    await picksUp(colleague, COLLEAGUE_PORT);
    expect((await accept(caller, 40000)).body).toContain(`m=audio ${COLLEAGUE_PORT}`);
    await accept(colleague.target, COLLEAGUE_PORT);
    expect(await sipfrag(agent)).toBe('SIP/2.0 200 OK');
    await hangsUp(agent);
    await over(caller, colleague.target);
  });

  const ELSEWHERE = 'deadbeef@elsewhere.example;to-tag=there;from-tag=here';

  it("a dialog between others: the far end is called, and told to replace it by the caller's call", async () => {
    const { caller, target: agent } = await bridged(bench, false);
    await refers(agent, replacing(ELSEWHERE, at(bench, 'remote')));
    const rung = await rings(bench);
    expect(rung.invite.uri).toContain('remote@');
    expect(rung.invite.need('replaces')).toBe(ELSEWHERE);
    await picksUp(rung, 63000);
    expect((await accept(caller, 40000)).body).toContain('m=audio 63000');
    expect(await sipfrag(agent)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(agent)).toBe('SIP/2.0 200 OK');
    await hangsUp(agent);
    await over(caller, rung.target);
  });

  it('a dialog between others that the far end does not know: its 481 is the verdict, the agent keeps its caller', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    await refers(agent, replacing(ELSEWHERE, at(bench, 'remote')));
    await turnsDown(await rings(bench), 481);
    expect(await sipfrag(agent)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(agent)).toMatch(/^SIP\/2\.0 481 /);
    await bench.events.next('transfer.failed');
    await over(caller, agent);
  });

  it('a dialog at a host the policy does not allow: 403, and nothing leaves', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const before = bench.target.count('INVITE');
    agent.refer(`<${replacing(ELSEWHERE, 'sip:remote@stranger.example')}>`);
    await agent.expect(403);
    expect((await bench.events.next('transfer.failed')).data).toMatchObject({ outcome: 'forbidden' });
    await over(caller, agent);
    expect(bench.target.count('INVITE')).toBe(before);
  });
});

describeServers('Replaces of somebody else', (server) => {
  let bench: EngineBench;
  let stranger: SipPhone;

  afterEach(async () => {
    await bench.close();
    await stranger.close();
  });

  it('names a dialog whose ids have leaked: 481, and nobody is moved', async () => {
    stranger = await SipPhone.open({ user: 'stranger', host: '127.0.0.9' });
    const other = trunkTo(stranger, { name: 'other', allow: ['127.0.0.9/32'] });
    const [consult] = CONSULTING.channels ?? [];
    bench = await startEngineBench(server.backend, {
      trunk: { allow: ['127.0.0.1/32'] },
      trunks: [other],
      policy: { referFromNetwork: 'allow' },
      channels: consult === undefined ? [] : [{ ...consult, match: { trunk: 'other', did: ['77'] } }],
    });
    const { caller, target: agent } = await bridged(bench, false);
    const consultation = await consults(bench, stranger);
    await talksTo(consultation);
    const { consulting, colleague } = consultation;
    consulting.refer(`<${replacing(dialogOf(agent))}>`);
    await consulting.expect(481);
    await hangsUp(consulting);
    await byed(colleague.target);
    await hangsUp(caller);
    await byed(agent);
    await bench.settled();
  });
});

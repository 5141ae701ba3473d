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
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { accept, BOT_PORT, bridged, byed, hangsUp, talking, TARGET_PORT } from '../support/engine-flow.js';
import { refers, sipfrag, turnsDown } from '../support/refer-flow.js';
import { sdp, type PhoneCall } from '../support/sip-phone/index.js';

describeServers('attended and blonde transfer', (server) => {
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

  /** The colleague answers while the party that stays is on its way to it. */
  async function colleagueTakes(colleague: PhoneCall, stays: PhoneCall, port: number): Promise<void> {
    expect((await accept(stays, port)).body).toContain(`m=audio ${COLLEAGUE_PORT}`);
    expect((await accept(colleague, COLLEAGUE_PORT)).body).toContain(`m=audio ${port}`);
    await bench.events.next('transfer.bridged');
  }

  it("the caller's side joins its two calls: the bot talks to the colleague", async () => {
    const { caller, bot } = await talking(bench);
    const consultation = await consults(bench, bench.caller);
    await talksTo(consultation);
    const { consulting, colleague } = consultation;
    await refers(caller, replacing(dialogOf(consulting)));
    await byed(consulting);
    await colleagueTakes(colleague.target, bot, BOT_PORT);
    expect(await sipfrag(caller)).toBe('SIP/2.0 200 OK');
    await hangsUp(caller);
    await over(colleague.target, bot);
  });

  it("the caller's side joins its agent with a colleague who still rings", async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const { consulting, colleague } = await consults(bench, bench.caller);
    await refers(caller, replacing(dialogOf(consulting)));
    await letGo(consulting);
    colleague.target.accept(colleague.invite, { body: sdp({ port: COLLEAGUE_PORT, user: 'colleague' }) });
    await colleague.target.expect('ACK');
    await colleagueTakes(colleague.target, agent, TARGET_PORT);
    expect(await sipfrag(caller)).toBe('SIP/2.0 200 OK');
    await hangsUp(caller);
    await over(colleague.target, agent);
  });

  it('a colleague who refuses after all: the referrer is told, keeps its caller, and nothing is left behind', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const { consulting, colleague } = await consults(bench, bench.target);
    await refers(agent, replacing(dialogOf(consulting)));
    await letGo(consulting);
    await turnsDown(colleague, 486);
    expect(await sipfrag(agent)).toBe('SIP/2.0 486 Busy Here');
    expect((await bench.events.next('transfer.failed')).data).toMatchObject({ outcome: 'busy' });
    expect(bench.engine.liveCalls()).toBe(1);
    await over(agent, caller);
    expect([caller, agent].map((party) => party.take('INVITE'))).toEqual([undefined, undefined]);
  });

  it('the referrer hangs up while the colleague rings, who refuses: the caller is let go, and everybody told', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const { consulting, colleague } = await consults(bench, bench.target);
    await refers(agent, replacing(dialogOf(consulting)));
    await letGo(consulting);
    await hangsUp(agent);
    await turnsDown(colleague, 603);
    await byed(caller);
    expect((await bench.events.next('transfer.failed')).data).toMatchObject({
      outcome: 'declined',
      transferStatus: { hangup: false },
    });
    await bench.settled();
  });

  it('Record-Route in every dialog: what we send afterwards goes by the way they asked for', async () => {
    const byUs = (name: string): readonly [string, string] => [
      'Record-Route',
      `<sip:${name}@${bench.target.hostPort};lr>`,
    ];
    const { caller, target: agent } = await bridged(bench, false);
    const consultation = await consults(bench, bench.target, { headers: [byUs('edge')] });
    const { consulting, colleague } = consultation;
    await refers(agent, replacing(dialogOf(consulting)));
    await letGo(consulting);
    const { target, invite } = colleague;
    target.accept(invite, {
      body: sdp({ port: COLLEAGUE_PORT, user: 'colleague' }),
      headers: [byUs('far')],
    });
    expect((await target.expect('ACK')).all('route')).toEqual([byUs('far')[1]]);
    expect((await accept(caller, 40000)).body).toContain(`m=audio ${COLLEAGUE_PORT}`);
    const shown = await accept(target, COLLEAGUE_PORT);
    expect(shown.all('route')).toEqual([byUs('far')[1]]);
    await bench.events.next('transfer.bridged');
    expect(await sipfrag(agent)).toBe('SIP/2.0 200 OK');
    await hangsUp(agent);
    await hangsUp(caller);
    expect((await byed(target)).all('route')).toEqual([byUs('far')[1]]);
    await bench.settled();
  });
});

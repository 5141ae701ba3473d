import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.js';
import { sdp, SipPhone } from '../support/sip-phone/index.js';
import { FaultWorld, measured, msUntil } from './fault-world.js';

it('a party that is gone without a word: whoever is left can go, and the bot is told at once', async () => {
  const world = await FaultWorld.open();
  const engine = await world.engine();
  const ghost = await SipPhone.open({ user: 'ghost', timeoutMs: 10_000 });
  onTestFinished(() => ghost.close());
  const talk = await world.talk();
  const command = { target: { sipUri: ghost.uri } };
  const { json } = await engine.ask('POST', `/v1/calls/${talk.callId}/transfers`, command);
  const invite = await ghost.expect('INVITE');
  ghost.answering(invite).accept(invite, { body: sdp({ user: 'ghost' }) });
  await ghost.expect('ACK');
  await eventually(() => world.told.map(({ type }) => type)).toContain('transfer.bridged');
  // From here on it says nothing any more, and answers nothing.
  await world.callers.hangUp(talk.call);
  const told = await msUntil(() => world.end(talk.callId) !== undefined);
  measured('silent party', { told });
  expect(told).toBeLessThan(2000);
  expect(world.verdicts(String(json['transferId']))).toMatchObject([
    { type: 'transfer.completed', data: { transferStatus: { status: 'SUCCESS', hangup: true } } },
  ]);
  await eventually(() => ghost.count('BYE')).toBeGreaterThan(1);
  await world.callers.hangUp((await world.talk()).call);
}, 60_000);

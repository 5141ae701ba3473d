import { expect } from 'vitest';
import type { CallId } from '../../src/domain/ids.js';
import type { EngineBench } from './engine-bench.js';
import { sdp, type PhoneCall, type SipMessage } from './sip-phone/index.js';

export const BOT_PORT = 50000;
export const TARGET_PORT = 60000;

/** Caller and bot in conversation, each in the test's hands. */
export interface Talking {
  readonly caller: PhoneCall;
  readonly bot: PhoneCall;
  readonly callId: CallId;
}

export interface Ringing extends Talking {
  readonly target: PhoneCall;
  readonly invite: SipMessage;
}

/** A call from the trunk, answered by the bot. */
export async function talking(bench: EngineBench): Promise<Talking> {
  const caller = bench.caller.call(bench.backend.sip(), { to: '18005550100' });
  caller.invite();
  const invite = await bench.bot.expect('INVITE');
  const bot = bench.bot.answering(invite);
  bot.respond(invite, 180);
  await caller.expect(180);
  bot.accept(invite, { body: sdp({ port: BOT_PORT, user: 'bot' }) });
  const answer = await caller.expect(200);
  expect(answer.body).toContain(`m=audio ${BOT_PORT}`);
  caller.ack(answer);
  await bot.expect('ACK');
  const { callId } = await bench.events.next('call.started');
  return { caller, bot, callId };
}

/** ... and a transfer whose target rings. */
export async function ringing(
  bench: EngineBench,
  command: Parameters<EngineBench['transfer']>[1] = {},
): Promise<Ringing> {
  const call = await talking(bench);
  await bench.transfer(call.callId, command);
  const invite = await bench.target.expect('INVITE');
  const target = bench.target.answering(invite);
  target.respond(invite, 180);
  await bench.events.next('transfer.attempt.ringing');
  return { ...call, target, invite };
}

export async function accept(
  party: PhoneCall,
  port: number,
  direction: 'sendrecv' | 'inactive' = 'sendrecv',
): Promise<SipMessage> {
  const offer = await party.expect('INVITE');
  party.accept(offer, { body: sdp({ port, direction, version: offer.cseq }) });
  await party.expect('ACK');
  return offer;
}

/** ... and the target answered: caller and target hear each other, the bot is parked or gone. */
export async function bridged(bench: EngineBench, returnToBot: boolean): Promise<Ringing> {
  const call = await ringing(bench, { returnToBot });
  call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT, user: 'target' }) });
  await call.target.expect('ACK');
  expect((await accept(call.caller, 40000)).body).toContain(`m=audio ${TARGET_PORT}`);
  await bench.events.next('transfer.bridged');
  if (returnToBot) expect((await accept(call.bot, BOT_PORT, 'inactive')).body).toContain('a=inactive');
  else await byed(call.bot);
  return call;
}

/** The party is hung up on, and says so. */
export async function byed(party: PhoneCall): Promise<SipMessage> {
  const bye = await party.expect('BYE');
  party.respond(bye, 200);
  return bye;
}

/** The party hangs up. */
export async function hangsUp(party: PhoneCall): Promise<void> {
  party.bye();
  await party.expect(200);
}

/** A ringing target is cancelled, as RFC 3261 9.2 wants it answered. */
export async function cancelled(target: PhoneCall, invite: SipMessage): Promise<void> {
  target.respond(await target.expect('CANCEL'), 200);
  target.respond(invite, 487);
  await target.expect('ACK');
}

/** The three fields every bot reads, of the one verdict. */
export async function verdict(
  bench: EngineBench,
  type: 'transfer.completed' | 'transfer.failed' | 'transfer.cancelled',
): Promise<unknown> {
  const event = await bench.events.next(type);
  const all = bench.events.of(event.callId).filter((e) => 'transferStatus' in e.data);
  expect(all.map((e) => e.type)).toEqual([type]);
  if (!('outcome' in event.data) || !('transferStatus' in event.data))
    throw new Error(`${type} without a verdict`);
  const { outcome, transferStatus, next, evidence } = event.data;
  return {
    outcome,
    status: transferStatus.status,
    hangup: transferStatus.hangup,
    next: next.action,
    by: evidence.decidedBy,
  };
}

import { expect } from 'vitest';
import type { EngineBench, EngineBenchOptions } from './engine-bench.js';
import { accept, TARGET_PORT } from './engine-flow.js';
import { sdp, type PhoneCall, type RequestOptions, type SipMessage } from './sip-phone/index.js';

/** A bench where everybody may ask for a transfer. */
export const EVERYBODY_MAY: EngineBenchOptions = { policy: { referFromNetwork: 'allow' } };

/** An address of this user at the phone that plays all targets. */
export const at = (bench: EngineBench, user: string): string =>
  bench.target.uri.replace('target@', `${user}@`);

/** The next NOTIFY, answered: its status line. */
export async function sipfrag(party: PhoneCall): Promise<string> {
  // Not a copy of one that was slow to be answered.
  const notify = await party.fresh('NOTIFY');
  party.respond(notify, 200);
  return notify.body.split('\r\n')[0] ?? '';
}

/** Sends REFER, and takes the 202 and the first NOTIFY. */
export async function refers(party: PhoneCall, uri: string, options: RequestOptions = {}): Promise<void> {
  party.refer(`<${uri}>`, options);
  await party.expect(202);
  expect(await sipfrag(party)).toBe('SIP/2.0 100 Trying');
}

export interface Rung {
  readonly target: PhoneCall;
  readonly invite: SipMessage;
}

/** The next target is called, and rings. */
export async function rings(bench: EngineBench, withinMs?: number): Promise<Rung> {
  // On a busy machine an INVITE comes twice before it is answered: the second copy is no call of its own.
  const firstOf = (callId: string): SipMessage | undefined =>
    bench.target.received.find((m) => m.method === 'INVITE' && m.callId === callId);
  const isNew = (m: SipMessage): boolean => m.method === 'INVITE' && firstOf(m.callId) === m;
  const invite = await bench.target.expect(isNew, withinMs);
  const target = bench.target.answering(invite);
  target.respond(invite, 180);
  return { target, invite };
}

/** It answers. */
export async function picksUp({ target, invite }: Rung, port = TARGET_PORT): Promise<void> {
  target.accept(invite, { body: sdp({ port, user: 'target' }) });
  await target.expect('ACK');
}

/** It says no. */
export async function turnsDown({ target, invite }: Rung, code: number): Promise<void> {
  target.respond(invite, code);
  await target.expect('ACK');
}

/** The next target is called and answers, and `stays` is shown it. */
export async function connects(bench: EngineBench, stays: PhoneCall, port: number): Promise<PhoneCall> {
  const rung = await rings(bench);
  await picksUp(rung, port);
  expect((await accept(stays, 40000)).body).toContain(`m=audio ${port}`);
  return rung.target;
}

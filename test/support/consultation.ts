import { expect } from 'vitest';
import { channelOf, type EngineBench, type EngineBenchOptions } from './engine-bench.js';
import { EVERYBODY_MAY, rings, type Rung } from './refer-flow.js';
import { sdp, type PhoneCall, type RequestOptions, type SipPhone } from './sip-phone/index.js';

/** The number a colleague is called at, through us and without a bot. */
const COLLEAGUE = '77';

/** A bench where everybody may transfer, and may call a colleague first. */
export const CONSULTING: EngineBenchOptions = {
  ...EVERYBODY_MAY,
  channels: [
    {
      ...channelOf('consult'),
      match: { trunk: 'carrier', did: [COLLEAGUE] },
      answer: { by: 'route', to: 'requestUri' },
    },
  ],
};

export const COLLEAGUE_PORT = 61000;

export interface Consultation {
  /** The call of the one who wants to transfer. */
  readonly consulting: PhoneCall;
  readonly colleague: Rung;
}

/** `phone` calls a colleague, who rings. */
export async function consults(
  bench: EngineBench,
  phone: SipPhone,
  options: RequestOptions = {},
): Promise<Consultation> {
  const consulting = phone.call(bench.backend.sip(), { to: COLLEAGUE });
  consulting.invite({ body: sdp({ port: 60500, user: 'consulting' }), ...options });
  const colleague = await rings(bench);
  consulting.learn(await consulting.expect(180));
  return { consulting, colleague };
}

/** ... and answers. */
export async function talksTo({ consulting, colleague }: Consultation): Promise<void> {
  const { target, invite } = colleague;
  target.accept(invite, { body: sdp({ port: COLLEAGUE_PORT, user: 'colleague' }) });
  await target.expect('ACK');
  const answer = await consulting.expect(200);
  expect(answer.body).toContain(`m=audio ${COLLEAGUE_PORT}`);
  consulting.ack(answer);
}

/** The dialog of a call as we, its far end, are told to replace it (RFC 3891 3). */
export const dialogOf = (call: PhoneCall): string =>
  `${call.callId};to-tag=${call.remoteTag};from-tag=${call.localTag}`;

/** A Refer-To that asks for this dialog to be replaced. */
export const replacing = (dialog: string, uri = `sip:${COLLEAGUE}@127.0.0.1`): string =>
  `${uri}?Replaces=${encodeURIComponent(dialog)}`;

/** The consultation a party of it has never seen answered is over for that party (RFC 5589 7.4). */
export async function letGo(consulting: PhoneCall): Promise<void> {
  consulting.ack(await consulting.expect(487));
}

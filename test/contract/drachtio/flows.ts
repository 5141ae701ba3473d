import { expect } from 'vitest';
import type { Bench } from '../../support/contract-bench.js';
import { nextEvent, until } from '../../support/poll.js';
import {
  sdp,
  type Address,
  type PhoneCall,
  type RequestOptions,
  type ResponseOptions,
  type SipMessage,
  type SipPhone,
} from '../../support/sip-phone/index.js';
import type { SipError, SrfDialog, UacOptions, UacProgress } from '../../support/srf.js';
import type { TestApp } from '../../support/test-app.js';

/** A call that is up: the application's dialog on one side, the phone's on the other. */
export interface Established {
  readonly app: TestApp;
  readonly phone: SipPhone;
  readonly call: PhoneCall;
  readonly dialog: SrfDialog;
  /** The 200 to the INVITE, as the phone got or sent it. */
  readonly invite: SipMessage;
}

interface Wire {
  readonly app?: TestApp;
  readonly proto?: Address['proto'];
  readonly host?: string;
}

const open = async (bench: Bench, wire: Wire, user: string): Promise<{ app: TestApp; phone: SipPhone }> => ({
  app: wire.app ?? (await bench.app()),
  phone: await bench.phone({
    user,
    ...(wire.proto === undefined ? {} : { proto: wire.proto }),
    ...(wire.host === undefined ? {} : { host: wire.host }),
  }),
});

/** A phone calls, the application answers at once. */
export async function callIn(
  bench: Bench,
  wire: Wire & { readonly request?: RequestOptions; readonly localSdp?: string } = {},
): Promise<Established> {
  const { app, phone } = await open(bench, wire, 'alice');
  const call = phone.call(bench.sip(wire.proto, wire.host));
  const invite = call.invite(wire.request);
  const { req, res } = await app.next();
  const answered = app.srf.createUAS(req, res, { localSdp: wire.localSdp ?? sdp() });
  const ok = await call.expect('200 INVITE');
  const dialog = await answered;
  const acked = nextEvent(dialog, 'ack');
  call.ack(ok);
  await acked;
  return { app, phone, call, dialog, invite };
}

/** The application's half of an outgoing call: promise and progress, for tests which play the far end by hand. */
export interface Dialling {
  readonly app: TestApp;
  readonly phone: SipPhone;
  readonly dialog: Promise<SrfDialog>;
  /** The INVITE as the far end got it. */
  readonly invite: SipMessage;
  readonly call: PhoneCall;
  readonly provisional: number[];
  readonly cancel: () => void;
}

export async function dial(
  bench: Bench,
  wire: Wire & { readonly options?: UacOptions; readonly progress?: UacProgress } = {},
): Promise<Dialling> {
  const { app, phone } = await open(bench, wire, 'bob');
  const provisional: number[] = [];
  let sent: { cancel(): void } | null = null;
  const dialog = app.srf.createUAC(
    phone.uri,
    { localSdp: sdp(), ...wire.options },
    {
      cbRequest: (error, request) => {
        sent = request;
        wire.progress?.cbRequest?.(error, request);
      },
      cbProvisional: (response) => {
        provisional.push(response.status);
        wire.progress?.cbProvisional?.(response);
      },
    },
  );
  // A test that fails before it looks at the promise must not fail a second time as an unhandled rejection.
  dialog.catch(() => undefined);
  const invite = await phone.expect('INVITE');
  const call = phone.answering(invite);
  // The phone may be quicker than the reply which gives the application something to cancel.
  await until(() => sent !== null, 'the request handed to the application');
  return { app, phone, dialog, invite, call, provisional, cancel: () => sent?.cancel() };
}

/** The application calls, the phone answers at once. */
export async function callOut(
  bench: Bench,
  wire: Wire & { readonly options?: UacOptions; readonly response?: ResponseOptions } = {},
): Promise<Established> {
  const { app, phone, dialog, invite, call } = await dial(bench, wire);
  call.accept(invite, wire.response);
  await call.expect('ACK');
  return { app, phone, call, dialog: await dialog, invite };
}

/** The application hangs up; the phone agrees. */
export async function hangUp({ dialog, call }: Established): Promise<void> {
  const gone = dialog.destroy();
  call.respond(await call.expect('BYE'), 200);
  await gone;
}

/** The phone hangs up; the application is told. */
export async function phoneHangsUp({ dialog, call }: Established): Promise<void> {
  const ended = nextEvent(dialog, 'destroy');
  call.bye();
  await call.expect('200 BYE');
  await ended;
}

/** The status a createUAC was refused with. */
export async function refusal(dialog: Promise<unknown>): Promise<number> {
  const outcome = await dialog.then(
    () => 0,
    (error: unknown) => (error as SipError).status,
  );
  expect(outcome, 'the call was refused').not.toBe(0);
  return outcome;
}

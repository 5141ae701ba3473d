import { UsageError } from '../../errors.js';
import { parseHostPort } from '../../sip/host-port.js';
import { ChaosCarrier } from './chaos-carrier.js';
import type { Credentials } from './digest.js';
import { addressOf, hostPort, type Address } from './sip-message.js';
import { parseSwitches } from './switches.js';

interface Output {
  write(text: string): unknown;
}

/** `switchhook scenarios --carrier`: a chaos carrier for tests of one's own. */
export interface CarrierProgram {
  /** `127.0.0.1:5080`. */
  readonly listen: string;
  readonly switches: readonly string[];
  /** SIP URI it calls at once; without it, it waits for calls. */
  readonly call: string | null;
  /** `user:password` a challenged REFER has to be signed with. */
  readonly auth: string | null;
  readonly stdout: Output;
  /** Aborting ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs until the signal, and prints each message in one line.
 *
 * @throws UsageError when an argument makes no sense
 */
export async function runCarrier({
  listen,
  switches,
  call,
  auth,
  stdout,
  signal,
}: CarrierProgram): Promise<number> {
  const place = parseHostPort(listen);
  if (place === undefined) throw new UsageError(`--carrier "${listen}" is no address; write 127.0.0.1:5080`);
  const callee = call === null ? null : calleeOf(call);
  const credentials = credentialsOf(auth);
  const carrier = await ChaosCarrier.open({
    listen: { host: place.host.replace(/^\[|\]$/g, ''), port: place.port ?? 5060 },
    switches: parseSwitches(switches),
    ...(credentials === undefined ? {} : { credentials }),
    trace: (direction, what) => stdout.write(`${direction === 'sent' ? '>' : '<'} ${what}\n`),
  });
  stdout.write(`chaos carrier at udp:${hostPort(carrier.address)}\n`);
  if (callee !== null && call !== null) {
    carrier.call('16125550199', call, callee).catch((error: unknown) => stdout.write(`${String(error)}\n`));
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([Promise.all(carrier.openLegs.map((leg) => carrier.hangUp(leg))), soon()]);
  await carrier.close();
  return 0;
}

/** A far end that has gone as well must not keep this one. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000).unref());

function calleeOf(uri: string): Address {
  const address = addressOf(uri);
  if (address === null)
    throw new UsageError(`--call "${uri}" is no SIP URI; write sip:18005550100@127.0.0.1:5060`);
  return address;
}

function credentialsOf(auth: string | null): Credentials | undefined {
  if (auth === null) return undefined;
  const colon = auth.indexOf(':');
  if (colon < 1) throw new UsageError('--auth: write USER:PASSWORD');
  return { username: auth.slice(0, colon), password: auth.slice(colon + 1) };
}

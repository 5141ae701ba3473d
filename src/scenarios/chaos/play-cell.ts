import type { EngineProcess } from '../engine-process.js';
import type { EventBody, EventReceiver } from '../event-receiver.js';
import { ScenarioFailure } from '../failure.js';
import { until } from '../until.js';
import type { ChaosCarrier } from './chaos-carrier.js';
import type { Place } from './grid-config.js';
import type { Leg } from './leg.js';
import { hostPort, type Address } from './sip-message.js';
import { parseSwitches } from './switches.js';

/** Longer than the longest chain of timers a cell can run into. */
export const CELL_MS = 90_000;

/** A 2xx without an ACK is repeated after 0.5, 1, 2 s (RFC 3261 13.3.1.4); with losses some of that is needed. */
const REPEATED_MS = 15_000;

/** What a cell is played with. */
export interface CellStage {
  readonly engine: EngineProcess;
  readonly sip: Address;
  readonly receiver: EventReceiver;
  readonly carrier: ChaosCarrier;
  readonly place: Place;
  /** Longest duration of the cell, ms. */
  readonly deadlineMs: number;
}

export const typeOf = (event: EventBody): string => String(event['type']);

export const isVerdict = (event: EventBody): boolean =>
  /^transfer\.(?:completed|failed|cancelled)$/.test(typeOf(event));

/** Events of the cell's channel, in the order in which they came. */
export const eventsOf = (receiver: EventReceiver, { key }: Place): readonly EventBody[] =>
  receiver.events.filter((event) => event['channel'] === key);

/**
 * One call through one cell: the far end calls, the transfer is commanded, the verdict awaited, the caller found where
 * the cell says, the call ended. Resolves with the call id; what the bot was told is judged later, all at once.
 *
 * @throws ScenarioFailure that names the moment it went wrong at
 */
export async function playCell(stage: CellStage, abort: AbortSignal): Promise<string> {
  // Not AbortSignal.timeout: Node 20 may collect one that only AbortSignal.any refers to.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), stage.deadlineMs);
  try {
    return await theCall(stage, AbortSignal.any([abort, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function theCall(stage: CellStage, signal: AbortSignal): Promise<string> {
  const { carrier, place, sip } = stage;
  const caller = await carrier
    .call('16125550199', `sip:${place.did}@${hostPort(sip)}`, sip)
    .catch((error: unknown) => {
      throw new ScenarioFailure('call', error instanceof Error ? error.message : String(error));
    });
  const started = await event(stage, signal, 'call.started');
  const callId = String(started['callId']);
  await transfer(stage, callId);
  await endings[place.cell.caller](stage, caller, signal);
  await event(stage, signal, 'call.ended');
  const closed = await until(CELL_MS, signal, () => (carrier.openLegs.length === 0 ? true : undefined)).catch(
    () => undefined,
  );
  if (closed === undefined) throw new ScenarioFailure('far end', 'a leg was left open');
  await forgotten(stage, callId, signal);
  return callId;
}

/** The engine's table of live calls has no such call any more. */
async function forgotten({ engine }: CellStage, callId: string, signal: AbortSignal): Promise<void> {
  const gone = await until(CELL_MS, signal, async () => {
    const { body } = await engine.request('GET', '/v1/calls', {});
    return JSON.stringify(body).includes(callId) ? undefined : true;
  }).catch(() => undefined);
  if (gone === undefined) throw new ScenarioFailure('final tables', 'the call is still there');
}

async function transfer({ engine, carrier, place }: CellStage, callId: string): Promise<void> {
  const body = { target: { sipUri: `sip:agent@${hostPort(carrier.address)}` }, method: place.cell.method };
  const { status, body: answer } = await engine.request('POST', `/v1/calls/${callId}/transfers`, {}, body);
  if (status !== 202) throw new ScenarioFailure('transfer', `${status} ${JSON.stringify(answer)}`);
}

type Ending = (stage: CellStage, caller: Leg, signal: AbortSignal) => Promise<void>;

/** Where the caller is after the verdict, proved by what can still be done with the call. */
const endings: Readonly<Record<Place['cell']['caller'], Ending>> = {
  withBot: async (stage, caller, signal) => {
    await event(stage, signal, isVerdict);
    await callerHangsUp(stage, caller);
  },
  bridged: async (stage, caller, signal) => {
    await event(stage, signal, 'transfer.bridged');
    await ackLost(stage, signal);
    await callerHangsUp(stage, caller);
  },
  gone: async (stage, caller, signal) => {
    await event(stage, signal, isVerdict);
    const gone = await until(CELL_MS, signal, () => (caller.isOpen ? undefined : true)).catch(
      () => undefined,
    );
    if (gone === undefined) throw new ScenarioFailure('caller', 'is still there');
  },
};

/** Where no ACK is seen, one has been lost and its 200 been repeated before the call may end. */
async function ackLost({ carrier, place }: CellStage, signal: AbortSignal): Promise<void> {
  if (!parseSwitches(place.cell.switches).dropAck) return;
  const lost = await until(REPEATED_MS, signal, () => (carrier.acksDropped > 1 ? true : undefined)).catch(
    () => undefined,
  );
  if (lost === undefined)
    throw new ScenarioFailure(
      'far end',
      `dropAck did nothing: of no 200 two ACKs came, most were ${carrier.acksDropped}`,
    );
}

async function callerHangsUp({ carrier }: CellStage, caller: Leg): Promise<void> {
  if (!caller.isOpen) throw new ScenarioFailure('caller', 'has been hung up');
  const status = await carrier.hangUp(caller);
  if (status !== 200) throw new ScenarioFailure('caller', `its BYE was answered ${status}`);
}

async function event(
  { receiver, place }: CellStage,
  signal: AbortSignal,
  wanted: string | ((event: EventBody) => boolean),
): Promise<EventBody> {
  const fits = typeof wanted === 'string' ? (e: EventBody): boolean => typeOf(e) === wanted : wanted;
  const come = (): readonly EventBody[] => eventsOf(receiver, place);
  const found = await until(CELL_MS, signal, () => come().find(fits)).catch(() => undefined);
  if (found !== undefined) return found;
  const name = typeof wanted === 'string' ? wanted : 'verdict';
  throw new ScenarioFailure('events', `no ${name}; came: ${come().map(typeOf).join(', ')}`);
}

import { beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '../../src/domain/ids.js';
import { DEADLINES } from '../../src/engine/deadlines.js';
import { COMMAND, Crew, TARGET_SDP, type CrewCall, type Member } from '../support/crew.js';
import type { FakeLeg } from '../support/fake-signalling.js';

let crew: Crew;
let one: Member;
let two: Member;

beforeEach(async () => {
  crew = new Crew();
  [one, two] = [await crew.hire(), await crew.hire()];
});

const types = (call: CallId): string[] => crew.told(call).map(({ type }) => type);

/** Legs of the heir, by what they were dialled as or came by. */
const heirs = (): readonly FakeLeg[] => two.signalling.resumed;
const heir = (of: FakeLeg): FakeLeg => {
  const leg = heirs().find(({ sipCallId }) => sipCallId === of.sipCallId);
  if (leg === undefined) throw new Error(`nobody asked for ${of.sipCallId ?? ''}`);
  return leg;
};

const verdicts = (call: CallId) =>
  crew
    .told(call)
    .flatMap((event) => ('transferStatus' in event.data ? [{ type: event.type, ...event.data }] : []));

const dies = async (): Promise<void> => {
  crew.kill(one);
  await crew.inherit();
};

describe('a conversation goes on', () => {
  it('with the bot, which hears nothing of it; and can be transferred by the next engine', async () => {
    const call = await crew.talking(one);
    await dies();
    expect(types(call.id)).toEqual(['call.started']);
    expect(two.engine.calls()).toMatchObject([{ callId: call.id, phase: 'withBot', engine: two.id }]);
    expect(heirs().map(({ asked }) => asked)).toEqual([[], []]);
    const next = { id: call.id, caller: heir(call.caller), bot: heir(call.bot) };
    const { target } = await crew.bridged(two, next);
    target.hangUp();
    await crew.pass(0);
    expect(types(call.id).slice(-3)).toEqual([
      ...['transfer.bridged', 'transfer.completed', 'transfer.returned'],
    ]);
    expect(crew.told(call.id).map(({ seq }) => seq)).toEqual(crew.told(call.id).map((_, i) => i + 1));
  });

  it('with the agent: its end is the verdict, once, and the caller is back with the parked bot', async () => {
    const call = await crew.talking(one);
    const { target } = await crew.bridged(one, call);
    const before = types(call.id);
    await dies();
    expect(types(call.id)).toEqual(before);
    expect(heirs()).toHaveLength(3);
    heir(target).hangUp();
    await crew.pass(0);
    expect(verdicts(call.id)).toMatchObject([{ type: 'transfer.completed', outcome: 'answered' }]);
    expect(types(call.id).slice(before.length)).toEqual(['transfer.completed', 'transfer.returned']);
    expect(two.engine.calls()).toMatchObject([{ phase: 'withBot' }]);
  });

  it('when the dialog of the caller was there only behind the last step', async () => {
    one.signalling.answersLate = true;
    const call = await crew.talking(one);
    call.caller.confirmedLate();
    await crew.pass(0);
    await dies();
    expect(types(call.id)).toEqual(['call.started']);
    expect(two.engine.calls()).toMatchObject([{ phase: 'withBot', legs: [{ id: 'caller' }, { id: 'bot' }] }]);
  });

  it('through the death of the next engine too', async () => {
    const call = await crew.talking(one);
    const { target } = await crew.bridged(one, call);
    await dies();
    const three = await crew.hire();
    crew.kill(two);
    await crew.inherit();
    const caller = three.signalling.resumed.find((leg) => leg.sipCallId === call.caller.sipCallId);
    caller?.hangUp();
    await crew.pass(0);
    expect(verdicts(call.id)).toMatchObject([{ type: 'transfer.completed', outcome: 'answered' }]);
    expect(types(call.id).at(-1)).toBe('call.ended');
    expect(three.signalling.resumed.find((leg) => leg.sipCallId === target.sipCallId)?.asked).toEqual([
      'bye',
    ]);
    expect([three.engine.liveCalls(), crew.shelf.engineOf(call.id)]).toEqual([0, null]);
  });

  it('what its bot was told goes with it', async () => {
    const call = await crew.talking(one);
    await dies();
    expect(two.bots.resumed).toMatchObject([
      { call: call.id, memory: { caller: '+16125550100', dialled: '18005550199' } },
    ]);
  });
});

describe('a transfer on its way is interrupted', () => {
  let call: CrewCall;
  beforeEach(async () => {
    call = await crew.talking(one);
  });

  it('while its target rings: the caller is with the bot as before, the INVITE is asked for and lost', async () => {
    const { transfer, target } = await crew.ringing(one, call);
    await dies();
    expect(verdicts(call.id)).toMatchObject([
      {
        ...{ type: 'transfer.failed', transferId: transfer, outcome: 'unknown' },
        evidence: { decidedBy: 'interrupted', phase: 'invite', attempt: 1 },
        transferStatus: { status: 'FAIL', hangup: false },
        next: { action: 'stay' },
      },
    ]);
    expect(types(call.id).at(-1)).toBe('transfer.returned');
    expect(heir(target).told.map(({ type }) => type)).toEqual(['lost']);
    expect(two.engine.calls()).toMatchObject([{ phase: 'withBot', legs: [{ id: 'caller' }, { id: 'bot' }] }]);
    const record = await crew.store.getTransfer(transfer);
    expect(record).toMatchObject({ state: 'failed', status: 'ended', outcome: 'unknown' });
  });

  it('while media moves: everybody is hung up', async () => {
    const { target } = await crew.ringing(one, call);
    call.caller.reactions = {};
    target.answered(TARGET_SDP);
    await crew.pass(0);
    expect(one.engine.calls()).toMatchObject([{ phase: 'moving' }]);
    await dies();
    expect(verdicts(call.id)).toMatchObject([
      { type: 'transfer.failed', outcome: 'unknown', evidence: { decidedBy: 'interrupted', phase: 'media' } },
    ]);
    expect(heirs().map(({ asked }) => asked)).toEqual([['bye'], ['bye'], ['bye']]);
    expect(types(call.id).at(-1)).toBe('call.ended');
    expect(two.engine.liveCalls()).toBe(0);
  });

  it('when a leg cannot be had any more: the others are hung up', async () => {
    const { target } = await crew.bridged(one, call, { returnToBot: false });
    two.signalling.onResume = (leg) =>
      leg.emit({ type: leg.sipCallId === target.sipCallId ? 'lost' : 'resumed' });
    await dies();
    expect(verdicts(call.id)).toMatchObject([
      { type: 'transfer.completed', outcome: 'answered', evidence: { decidedBy: 'interrupted' } },
    ]);
    expect(heir(call.caller).asked).toEqual(['bye']);
    expect(two.engine.liveCalls()).toBe(0);
  });

  it('when it is the agent whose dialog is gone: the caller is brought back to the bot that waits', async () => {
    const { target } = await crew.bridged(one, call);
    two.signalling.onResume = (leg) =>
      leg.emit({ type: leg.sipCallId === target.sipCallId ? 'lost' : 'resumed' });
    await dies();
    expect(verdicts(call.id)).toMatchObject([
      { type: 'transfer.completed', outcome: 'answered', next: { action: 'return' } },
    ]);
    expect(types(call.id).at(-1)).toBe('transfer.returned');
    expect(two.engine.calls()).toMatchObject([{ phase: 'withBot' }]);
  });

  it('while it is handed back by BYE: that goes out again, and its answer is the verdict', async () => {
    call.caller.reactions = {};
    await one.engine.control.transfer(call.id, {
      targets: [{ sipUri: 'sip:target@127.0.0.1:5070' }],
      ...{ method: 'bye', headers: [['X-Session', '7']], metadata: {} },
    });
    await crew.pass(0);
    expect(call.caller.last('bye').headers).toContainEqual(['X-Session', '7']);
    await dies();
    expect(heir(call.caller).last('bye').headers).toContainEqual(['X-Session', '7']);
    expect(verdicts(call.id)).toMatchObject([
      { type: 'transfer.completed', outcome: 'answered', evidence: { phase: 'bye', decidedBy: 'far_end' } },
    ]);
    expect(two.engine.liveCalls()).toBe(0);
  });

  it('when none can: the bot is told, and nobody is asked anything', async () => {
    await crew.bridged(one, call);
    two.signalling.onResume = (leg) => leg.emit({ type: 'lost' });
    await dies();
    expect(verdicts(call.id)).toMatchObject([
      { type: 'transfer.completed', transferStatus: { status: 'SUCCESS', hangup: true } },
    ]);
    expect(heirs().flatMap(({ asked }) => asked)).toEqual([]);
    expect(crew.shelf.engineOf(call.id)).toBeNull();
  });

  it('when the SIP server says nothing: two seconds later; a leg that comes then is hung up', async () => {
    await crew.bridged(one, call);
    two.signalling.onResume = () => undefined;
    await dies();
    expect(types(call.id)).not.toContain('transfer.completed');
    await crew.pass(2_000);
    expect(types(call.id).slice(-2)).toEqual(['transfer.completed', 'call.ended']);
    const [late] = heirs();
    late?.emit({ type: 'resumed' });
    expect(late?.asked).toEqual(['bye']);
  });
});

describe('what happens while a call is being taken over', () => {
  it('waits: a far end that hangs up, and the next one after it', async () => {
    const call = await crew.talking(one);
    const { target } = await crew.bridged(one, call);
    const asked: FakeLeg[] = [];
    two.signalling.onResume = (leg) => asked.push(leg);
    await dies();
    const theirs = asked.find(({ sipCallId }) => sipCallId === target.sipCallId);
    theirs?.emit({ type: 'resumed' });
    theirs?.hangUp();
    await expect(two.engine.control.hangup(call.id)).rejects.toMatchObject({ code: 'engine_unreachable' });
    for (const leg of asked) if (leg !== theirs) leg.emit({ type: 'resumed' });
    await crew.pass(0);
    expect(types(call.id).slice(-2)).toEqual(['transfer.completed', 'transfer.returned']);
  });
});

describe('what a bot was still to be told', () => {
  it('is told again under the same ids, before anything new', async () => {
    const call = await crew.talking(one);
    one.bots.settles = false;
    await crew.ringing(one, call);
    const before = one.bots.told.slice(1).map(({ id }) => id);
    await dies();
    expect(two.bots.told.slice(0, before.length).map(({ id }) => id)).toEqual(before);
    expect(two.bots.told.slice(before.length).map(({ type }) => type)).toEqual([
      ...['transfer.failed', 'transfer.returned'],
    ]);
  });

  it('is told of a call that was over, too', async () => {
    const call = await crew.talking(one);
    one.bots.settles = false;
    call.caller.hangUp();
    await crew.pass(0);
    await dies();
    expect(two.bots.told.map(({ type }) => type)).toEqual(['call.ended']);
    expect(heirs()).toEqual([]);
  });

  it('and once settled never again', async () => {
    const call = await crew.talking(one);
    call.caller.hangUp();
    await crew.pass(0);
    await dies();
    expect(two.bots.told).toEqual([]);
  });
});

describe('an engine that was only frozen', () => {
  it('lets go of what another one has: no SIP, no event, no timer, and nothing of it heard', async () => {
    const call = await crew.talking(one);
    await crew.bridged(one, call);
    const [asked, told] = [one.signalling.legs.map((leg) => leg.asked.length), one.bots.told.length];
    await dies();
    crew.shelf.mend(one.id);
    await crew.pass(0);
    expect(one.engine.liveCalls()).toBe(0);
    expect(one.signalling.legs.map((leg) => leg.isAbandoned)).toEqual([true, true, true]);
    call.caller.hangUp();
    await crew.pass(0);
    expect(one.signalling.legs.map((leg) => leg.asked.length)).toEqual(asked);
    expect(one.bots.told).toHaveLength(told);
    expect(one.clock.pending).toBe(0);
    expect(one.metrics.told.filter((what) => what === 'callLost()')).toHaveLength(1);
    expect(two.engine.calls()).toHaveLength(1);
  });

  it('calls off whom it rang meanwhile, which the other one may not know of', async () => {
    const call = await crew.talking(one);
    crew.kill(one);
    await crew.inherit();
    const answer = one.engine.control.transfer(call.id, COMMAND);
    // It waits for the book no longer than this.
    one.clock.advance(DEADLINES.writeAheadMs);
    await crew.pass(0);
    await answer;
    const target = one.signalling.lastDialled;
    target.reactions = {};
    crew.thaw(one);
    await crew.pass(0);
    expect(target.asked).toEqual(['cancel']);
    target.answered();
    expect(target.asked).toEqual(['cancel', 'bye']);
    expect([call.caller, call.bot].map((leg) => leg.asked.includes('bye'))).toEqual([false, false]);
    expect(one.engine.liveCalls()).toBe(0);
  });

  it('tells nothing of what it did meanwhile', async () => {
    const call = await crew.talking(one);
    const { transfer } = await crew.ringing(one, call);
    crew.kill(one);
    call.caller.hangUp();
    await crew.inherit();
    crew.shelf.mend(one.id);
    await crew.pass(0);
    expect(verdicts(call.id)).toMatchObject([{ transferId: transfer, outcome: 'unknown' }]);
  });
});

describe('a page nobody can read', () => {
  it('is given up: each transfer without a verdict gets one, and the call ends', async () => {
    const call = await crew.talking(one);
    const { transfer } = await crew.bridged(one, call);
    const page = {
      callId: call.id,
      tenure: 1,
      state: '{"version":99,"channel":"line","seq":40}',
      events: [],
    };
    crew.shelf.write(one.id, page);
    await dies();
    expect(verdicts(call.id)).toMatchObject([
      {
        type: 'transfer.failed',
        transferId: transfer,
        evidence: { decidedBy: 'interrupted', phase: 'bridge' },
      },
    ]);
    expect(two.bots.told.map(({ type, seq }) => [type, seq])).toEqual([
      ['transfer.failed', 41],
      ['call.ended', 42],
    ]);
    expect(await crew.store.getTransfer(transfer)).toMatchObject({ state: 'failed' });
    expect(crew.shelf.engineOf(call.id)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import type { BotEvent } from '../../src/domain/bot-event.js';
import { asCallId } from '../../src/domain/ids.js';
import { RecordingKeeper } from '../../src/engine/recording-keeper.js';
import { silentLog } from '../../src/ports/log.js';
import type { Endpoint } from '../../src/ports/media.js';
import type { RecordingFiles } from '../../src/ports/recording-files.js';
import { CallScript, sounds } from '../support/call-script.js';
import { FakeMedia } from '../support/fake-media.js';

/** Everything that is under way has come to its next halt. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A keeper that follows a call told as a story. */
async function bench(call = CallScript.anchored()) {
  const media = new FakeMedia();
  const told: string[] = [];
  const files: string[] = [];
  let endpoint = await media.open({ offer: null }, () => undefined);
  const leg = {
    endpoint: (): Promise<Endpoint> => Promise.resolve(endpoint),
    parting: null as (() => Promise<void>) | null,
  };
  const disk: RecordingFiles = {
    begin: (_dir, name) => Promise.resolve({ writing: `.${name}`, path: name }),
    complete: ({ path }) => {
      files.push(path);
      return Promise.resolve(path);
    },
    discard: ({ path }) => Promise.resolve(void files.push(`no ${path}`)),
  };
  const keeper = new RecordingKeeper({
    callId: asCallId('call_1'),
    settings: { dir: '/rec', channels: 'mixed', consent: null, maxSeconds: null },
    files: disk,
    log: silentLog,
    caller: () => leg,
    tell: (event: BotEvent) => {
      if (event.type !== 'call.recording') return;
      const { state, path, reason } = event.data;
      told.push([state, path.replace('call_1-', ''), reason].filter((part) => part !== null).join(' '));
    },
  });
  const follow = async (does: (call: CallScript) => unknown = () => undefined): Promise<void> => {
    does(call);
    keeper.follow(call.call);
    await quiet();
  };
  /** The caller's endpoint is lost, and there is another one. */
  const moves = async (): Promise<void> => {
    endpoint.lose();
    endpoint = await media.open({ offer: null }, () => undefined);
    keeper.restart();
    await quiet();
  };
  await follow();
  return { keeper, media, told, files, leg, follow, moves, endpoint: () => endpoint };
}

const KEPT = { ...sounds(), continueRecording: true };
const toAgent = (call: CallScript, change: Parameters<CallScript['commands']>[0]): CallScript =>
  call.commands(change).answers('agent-1').makes();

describe('what is recorded of a call', () => {
  it('with continueRecording: bot, agent, and the bot again', async () => {
    const { told, files, follow } = await bench();
    await follow((call) => call.commands(KEPT));
    expect(told).toEqual(['started 1-bot']);
    await follow((call) => call.answers('agent-1').makes());
    await follow((call) => call.hangsUp('agent-1').makes());
    await follow((call) => call.hangsUp('caller'));
    expect(told).toEqual(
      ['1-bot', '2-agent', '3-bot'].flatMap((name) => [`started ${name}`, `stopped ${name}`]),
    );
    expect(files).toHaveLength(3);
  });

  it('without it: nothing from the bridge on, not even after the return', async () => {
    const { told, follow, keeper } = await bench();
    await follow((call) => toAgent(call, sounds()));
    await follow((call) => call.hangsUp('agent-1').makes());
    expect(told).toEqual(['started 1-bot', 'stopped 1-bot']);
    expect(keeper.request('pause')).toBe(false);
  });

  it('without it, an agent that is only introduced is not recorded either', async () => {
    const { told, follow } = await bench();
    const warm = { introduction: null, key: '#', maxMs: 60_000 };
    let phase = '';
    await follow((call) => {
      phase = toAgent(call, sounds({ warm })).phase;
    });
    expect([phase, ...told]).toEqual(['introducing', 'started 1-bot', 'stopped 1-bot']);
  });

  it('nothing of a call whose consent was not heard, and of one that was with an agent before', async () => {
    const { told, follow } = await bench(CallScript.anchored({ consent: { file: 'c.wav' } }));
    await follow((call) => toAgent(call, sounds()));
    await follow((call) => call.hangsUp('agent-1').makes());
    await follow((call) => call.ends('caller'));
    expect(told).toEqual([]);
  });

  it('a routed call is recorded with its target, whatever its command says', async () => {
    const { told, follow } = await bench(CallScript.anchoredRouted());
    await follow((call) => call.answers('agent-1').makes());
    expect(told).toEqual(['started 1-agent']);
  });
});

describe('a pause', () => {
  it('lasts until it is taken back, whoever the caller talks to', async () => {
    const { told, follow, keeper, endpoint } = await bench();
    expect(keeper.request('pause')).toBe(true);
    await follow((call) => toAgent(call, KEPT));
    expect(told).toEqual(['started 1-bot', 'paused 1-bot by request', 'stopped 1-bot']);
    expect([...endpoint().recordings]).toEqual([]);
    expect(keeper.request('resume')).toBe(true);
    await quiet();
    expect(told.slice(3)).toEqual(['started 2-agent']);
  });

  it('holds on another media server too', async () => {
    const { told, keeper, moves, endpoint } = await bench();
    keeper.request('pause');
    await moves();
    expect(told.at(-1)).toBe('stopped 1-bot the media server was lost');
    expect(endpoint().recordings.size).toBe(0);
    keeper.request('resume');
    await quiet();
    expect(told.at(-1)).toBe('started 2-bot');
  });

  it('that the media server does not make ends the recording: nothing is recorded that must not be', async () => {
    const { told, media, keeper, endpoint } = await bench();
    media.failNext('recording');
    keeper.request('pause');
    await quiet();
    expect(told).toEqual(['started 1-bot', 'stopped 1-bot it could not be paused']);
    expect(endpoint().recordings.size).toBe(0);
    expect(keeper.request('resume')).toBe(false);
  });
});

describe('the end of a recording', () => {
  it('a caller that hangs up while it begins waits until it is whole', async () => {
    const { told, files, follow, leg, keeper, media } = await bench(CallScript.anchoredRouted());
    const begins = media.hangNext('record');
    await follow((call) => call.answers('agent-1').makes());
    let parted = false;
    const parting = leg.parting?.().then(() => (parted = true));
    await quiet();
    expect([parted, ...told]).toEqual([false]);
    begins();
    await parting;
    expect(told).toEqual(['started 1-agent', 'stopped 1-agent']);
    expect(files).toEqual(['call_1-1-agent']);
    expect(keeper.request('stop')).toBe(false);
  });

  it('a call that ends while it cannot begin is told nothing', async () => {
    const { told, files, follow, leg, media } = await bench(CallScript.anchoredRouted());
    const begins = media.hangNext('record');
    await follow((call) => call.answers('agent-1').makes());
    const parting = leg.parting?.();
    begins('refused');
    await parting;
    expect(told).toEqual([]);
    expect(files).toEqual(['no call_1-1-agent']);
  });

  it('that cannot begin: told, nothing is left of it, and it is not tried again', async () => {
    const { told, files, follow, media, keeper } = await bench(CallScript.anchoredRouted());
    media.failNext('record');
    await follow((call) => call.answers('agent-1').makes());
    expect(told).toEqual(['failed 1-agent record failed']);
    expect(files).toEqual(['no call_1-1-agent']);
    expect(keeper.request('stop')).toBe(false);
  });

  it.each([
    [true, 'stopped 1-bot full'],
    [false, 'failed 1-bot full'],
  ])('by itself, whole (%s) or not: nothing more of the call is recorded', async (isWhole, last) => {
    const { told, follow, keeper } = await bench();
    keeper.ended('.another', { isWhole, reason: 'full' });
    keeper.ended('.call_1-1-bot', { isWhole, reason: 'full' });
    await follow((call) => toAgent(call, KEPT));
    expect(told).toEqual(['started 1-bot', last]);
  });

  it('by loss of the media server: the next file begins at once on another', async () => {
    const { told, moves } = await bench();
    await moves();
    expect(told.slice(1)).toEqual(['stopped 1-bot the media server was lost', 'started 2-bot']);
  });
});

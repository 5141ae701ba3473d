import type { FaultCall } from './fault-call.js';
import type { PhoneCall } from './sip-phone/index.js';
import type { Ringing } from './voice-party.js';

/** Sound files of a few seconds, in the tones of the short ones, so that a fault meets them. */
export const LONG = {
  'announce-long.wav': 1300,
  'whisper-long.wav': 900,
} as const;
export const LONG_MS = 5000;

export interface FaultPlaces {
  readonly dir: string;
  readonly url: string;
  readonly botUri: string;
  /** Of a sound file in the tone of `intro.wav`, {@link LONG_MS} long. */
  readonly prompt: string;
}

/** A phase in which a media server can die, as the parties of one call bring it about. */
export interface Phase {
  readonly name: string;
  /** Of its channel, over an anchored one with a SIP bot. */
  readonly channel?: (places: FaultPlaces) => Record<string, unknown>;
  /** Of its transfer, where there is one and the call cannot go on. */
  readonly outcome?: 'server_error' | 'answered';
  /** Before the fault, however long it takes. */
  readonly reach: (call: FaultCall) => Promise<void>;
  /** The last step, for phases that end by themselves. */
  readonly shortly?: (call: FaultCall, places: FaultPlaces) => Promise<void>;
  /** In the moment of the fault. */
  readonly meanwhile?: (call: FaultCall) => void;
  /** What is heard again at another server, and the way on from there to the end of the transfer, if there is one. */
  readonly goesOn: (call: FaultCall) => Promise<void>;
}

/** Agents that ring, until they pick up. */
const ringing = new WeakMap<FaultCall, Ringing>();
/** ... and their dialogs then. */
const talking = new WeakMap<FaultCall, PhoneCall>();

async function rings(call: FaultCall, code = 180, body = ''): Promise<void> {
  ringing.set(call, await call.agent.rings(code, body));
}

async function picksUp(call: FaultCall): Promise<void> {
  const found = ringing.get(call) ?? (await call.agent.rings());
  talking.set(call, await call.agent.picksUp(found));
}

async function agentHasTheCaller(call: FaultCall): Promise<void> {
  await call.talk(call.agent);
  await call.event('transfer.bridged');
}

const talks = (call: FaultCall): Promise<void> => call.talks();

async function ringsWith(call: FaultCall, command: Record<string, unknown>): Promise<void> {
  await call.talks();
  await call.transfer(command);
  await rings(call);
}

async function isBridged(call: FaultCall, command: Record<string, unknown> = {}): Promise<void> {
  await ringsWith(call, command);
  await picksUp(call);
  await agentHasTheCaller(call);
}

const all = (...steps: readonly Promise<void>[]): Promise<void> => Promise.all(steps).then(() => undefined);

const three = (call: FaultCall): Promise<void> =>
  all(
    call.hears(call.caller, 'bot+agent'),
    call.hears(call.bot, 'caller+agent'),
    call.hears(call.agent, 'caller+bot'),
  );

export const PHASES: readonly Phase[] = [
  {
    name: 'the INVITE of a caller just came',
    reach: () => Promise.resolve(),
    meanwhile: (call) => {
      const line = call.dials();
      void call.bot.answers().catch(() => undefined);
      void call.caller.isAnswered(line, 15_000).catch(() => undefined);
    },
    goesOn: (call) => call.talk(call.bot),
  },
  {
    name: 'a caller waits for its bot',
    reach: async (call) => {
      const line = call.dials();
      // The other calls come to their phases first.
      void call.caller.isAnswered(line, 60_000).catch(() => undefined);
      ringing.set(call, await call.bot.rings());
    },
    goesOn: async (call) => {
      const found = ringing.get(call);
      if (found !== undefined) await call.bot.picksUp(found);
      await call.talk(call.bot);
    },
  },
  { name: 'connected to the SIP bot', reach: talks, goesOn: (call) => call.talk(call.bot) },
  {
    name: 'a prompt of a webhook bot plays',
    channel: ({ url }) => ({ bot: { kind: 'webhook', url, digitTimeoutMs: 300, noInputTimeoutMs: 60_000 } }),
    reach: async (call) => {
      await call.caller.isAnswered(call.dials());
      await call.event('call.started');
    },
    shortly: async (call, { prompt }) => {
      await call.asks('replies', { replies: [{ type: 'audio', audioUri: prompt }] });
      await call.hears(call.caller, 'intro.wav');
    },
    goesOn: async (call) => {
      await call.hears(call.caller, 'intro.wav');
      await call.caller.rtp.press('1');
      await call.event('call.input');
    },
  },
  {
    name: 'an announcement plays',
    outcome: 'server_error',
    reach: talks,
    shortly: async (call) => {
      await call.transfer({ announce: { file: 'announce-long.wav' } });
      await call.hears(call.caller, 'announce.wav');
    },
    goesOn: async (call) => {
      await call.hears(call.caller, 'announce.wav');
      await picksUp(call);
      await agentHasTheCaller(call);
    },
  },
  {
    name: 'the target rings, music plays',
    outcome: 'server_error',
    reach: async (call) => {
      await ringsWith(call, { waiting: 'music', music: 'moh.wav' });
      await call.hears(call.caller, 'moh.wav');
    },
    goesOn: async (call) => {
      await call.hears(call.caller, 'moh.wav');
      await picksUp(call);
      await agentHasTheCaller(call);
    },
  },
  {
    name: 'the target rings with early media',
    outcome: 'server_error',
    reach: async (call) => {
      await call.talks();
      await call.transfer({ waiting: 'early' });
      await rings(call, 183, call.agent.rtp.sdp());
      await call.hears(call.caller, 'agent');
    },
    goesOn: async (call) => {
      await call.hears(call.caller, 'ringback');
      await picksUp(call);
      await agentHasTheCaller(call);
    },
  },
  {
    name: 'the agent hears a whisper',
    outcome: 'server_error',
    reach: (call) =>
      ringsWith(call, { waiting: 'music', music: 'moh.wav', whisper: { file: 'whisper-long.wav' } }),
    shortly: async (call) => {
      await picksUp(call);
      await all(call.hears(call.agent, 'whisper.wav'), call.hears(call.caller, 'moh.wav'));
    },
    goesOn: async (call) => {
      await all(call.hears(call.agent, 'whisper.wav'), call.hears(call.caller, 'moh.wav'));
      await agentHasTheCaller(call);
    },
  },
  {
    name: 'the agent is asked to press 1',
    outcome: 'server_error',
    reach: (call) =>
      ringsWith(call, {
        ...{ waiting: 'music', music: 'moh.wav' },
        confirm: { message: { file: 'press-one.wav' }, timeoutMs: 30_000 },
      }),
    shortly: async (call) => {
      await picksUp(call);
      await all(call.hears(call.agent, 'press-one.wav'), call.hears(call.caller, 'moh.wav'));
    },
    goesOn: async (call) => {
      await all(call.hears(call.agent, 'press-one.wav'), call.hears(call.caller, 'moh.wav'));
      await call.agent.rtp.press('1');
      await agentHasTheCaller(call);
    },
  },
  {
    name: 'bridged with the agent',
    outcome: 'answered',
    reach: isBridged,
    goesOn: (call) => call.talk(call.agent),
  },
  {
    name: 'three in a conference',
    outcome: 'server_error',
    reach: async (call) => {
      await ringsWith(call, { warm: {} });
      await picksUp(call);
      await three(call);
    },
    goesOn: async (call) => {
      await three(call);
      await call.agent.rtp.press('#');
      await agentHasTheCaller(call);
    },
  },
  {
    name: 'on the way back to the bot',
    outcome: 'answered',
    reach: (call) => isBridged(call, { returnToBot: true }),
    meanwhile: (call) => talking.get(call)?.bye(),
    goesOn: (call) => call.talk(call.bot),
  },
  {
    name: 'a recording runs',
    channel: ({ dir }) => ({ recording: { dir: `${dir}/recordings` } }),
    reach: async (call) => {
      await call.talks();
      await call.event('call.recording');
    },
    goesOn: async (call) => {
      await call.talk(call.bot);
      await call.event('call.recording', 3);
    },
  },
];

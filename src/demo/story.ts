import { setTimeout as pause } from 'node:timers/promises';
import { node, phone, told, type Wanted } from './journal.js';
import type { Scene } from './scene.js';
import type { Heard } from './voice-heard.js';

/** One call of the demo. */
export interface Story {
  readonly headline: string;
  readonly dial: string;
  /** The phones the bot hands the caller to: the next when one is not free. */
  readonly callees: readonly [string, ...string[]];
  /** The part that `--break` changes, and the phones that are called then. */
  readonly part: string;
  readonly wrongCallees: readonly [string, ...string[]];
  /** What happens after the caller has dialled; waits for everything that ought to be seen. */
  readonly play: (scene: Scene) => Promise<void>;
  /** What the bot is told, in this order; other events may stand between. */
  readonly events: readonly Wanted[];
  /** The way of the bot through its flow. */
  readonly nodes: readonly string[];
  /** What the phones and the recording hold, where audio runs through us. */
  readonly hearing?: (scene: Scene) => Heard;
  /** What a call that went as told has shown. */
  readonly shown: string;
}

/** Long enough for people to have said something. */
const TALK_MS = 300;

/** The caller is with the bot, and hears it. */
async function greeted(scene: Scene): Promise<string> {
  const answered = await scene.see({ as: 'the bot answers', kind: 'answered', fields: {} });
  const rtp = String(answered.fields['rtp']);
  await scene.see(phone('caller', 'hears', { from: rtp }));
  return rtp;
}

const success: Story = {
  headline: 'The bot hands the caller to an agent; when the agent hangs up, the caller is back with the bot.',
  dial: '18005550101',
  callees: ['agent'],
  part: 'answer',
  wrongCallees: ['nobody'],
  play: async (scene) => {
    const bot = await greeted(scene);
    await scene.see(told('transfer.bridged'));
    const agent = await scene.see(phone('agent', 'answered'));
    await scene.see(phone('caller', 'hears', { from: agent.fields['rtp'] }));
    await scene.see(phone('agent', 'hears'));
    await pause(TALK_MS);
    scene.hangUp('agent');
    await scene.see(told('transfer.returned'));
    await scene.see(node('CSAT'));
    await scene.see(phone('caller', 'hears', { from: bot }), 2);
    await pause(TALK_MS);
    scene.hangUp('caller');
  },
  events: [
    told('transfer.requested'),
    told('transfer.attempt.answered'),
    told('transfer.bridged'),
    told('transfer.completed', { outcome: 'answered', transferStatus: { status: 'SUCCESS', hangup: false } }),
    told('transfer.returned'),
    told('call.ended', { by: 'caller' }),
  ],
  nodes: ['Welcome', 'CSAT'],
  shown: 'answered; the caller heard the bot, the agent and the bot again; the bot asked how it was',
};

const busy: Story = {
  headline: 'The agent is busy: the failure policy sends the bot to its Apology node.',
  dial: '18005550102',
  callees: ['busy'],
  part: 'busy',
  wrongCallees: ['agent'],
  play: async (scene) => {
    await greeted(scene);
    await scene.see(phone('busy', 'busy'));
    await scene.see(told('transfer.failed'));
    await scene.see(node('Apology'));
    await scene.see(phone('caller', 'ended', { by: 'them' }));
  },
  events: [
    told('transfer.requested'),
    told('transfer.failed', {
      outcome: 'busy',
      evidence: { sipCode: 486 },
      next: { action: 'goto', node: 'Apology' },
      transferStatus: { status: 'FAIL', hangup: false },
    }),
    told('call.ended', { by: 'bot' }),
  ],
  nodes: ['Welcome', 'Apology'],
  shown: 'busy (486); the caller never left the bot, which apologised and hung up',
};

const ringing: Story = {
  headline:
    "The caller gives up while the agent's phone still rings: it stops ringing, and the bot is told why.",
  dial: '18005550103',
  callees: ['nobody'],
  part: 'ringing',
  wrongCallees: ['busy'],
  play: async (scene) => {
    await greeted(scene);
    await scene.see(phone('nobody', 'ringing'));
    await scene.see(told('transfer.attempt.ringing'));
    await pause(TALK_MS);
    scene.hangUp('caller');
    await scene.see(phone('nobody', 'missed'));
  },
  events: [
    told('transfer.requested'),
    told('transfer.attempt.ringing', { sipCode: 180 }),
    told('transfer.failed', {
      outcome: 'caller_hangup',
      next: { action: 'none' },
      transferStatus: { status: 'FAIL', hangup: true },
    }),
    told('call.ended', { by: 'caller' }),
  ],
  nodes: ['Welcome'],
  shown: 'caller_hangup; the ringing phone was cancelled, no leg is left',
};

/** Calls whose parties send their audio to each other. */
export const DIRECT_STORIES: readonly Story[] = [success, busy, ringing];

import { setTimeout as pause } from 'node:timers/promises';
import { phone, told } from './journal.js';
import type { Scene } from './scene.js';
import type { Story } from './story.js';
import { voiceHeard } from './voice-heard.js';

/** Long enough for the bot's question; the key cuts short what is left of it. */
const LISTEN_MS = 2500;
const TALK_MS = 1800;

/** The bot is no phone: it is asked by HTTP what to do, and its words become audio here. */
export const voice: Story = {
  headline: 'A webhook bot speaks; the agent is busy, the next one answers; the call is recorded.',
  dial: '19005550104',
  callees: ['busy', 'colleague'],
  part: 'voice',
  wrongCallees: ['agent', 'colleague'],
  play: async (scene) => {
    await scene.see(phone('caller', 'sound'));
    await pause(LISTEN_MS);
    scene.press('1');
    await scene.see(phone('busy', 'busy'));
    await scene.see(told('transfer.failed'));
    await scene.see(phone('colleague', 'ringing'));
    await scene.see(told('transfer.bridged'));
    await talk(scene);
    await scene.see(told('transfer.returned'));
    await pause(LISTEN_MS);
    scene.press('5');
    await scene.see(phone('caller', 'ended', { by: 'them' }));
    await recorded(scene);
  },
  events: [
    told('call.started'),
    told('call.input', { digits: '1' }),
    told('transfer.failed', { outcome: 'busy', next: { action: 'goto', node: 'SomebodyElse' } }),
    told('transfer.requested'),
    told('transfer.bridged'),
    told('transfer.completed', { outcome: 'answered', transferStatus: { status: 'SUCCESS', hangup: false } }),
    told('transfer.returned'),
    told('call.input', { digits: '5' }),
    told('call.ended', { by: 'bot' }),
  ],
  nodes: [],
  hearing: (scene) => voiceHeard(scene.seen(), scene.voice),
  shown: 'busy (486) and words for it, then answered; music while it rang, the bot again afterwards',
};

async function talk(scene: Scene): Promise<void> {
  scene.speak(true);
  await pause(TALK_MS);
  scene.speak(false);
  scene.hangUp('agent');
  await scene.see(phone('colleague', 'ended', { by: 'us' }));
}

/** Every segment that was begun is whole: with the bot, with the agent, with the bot again. */
async function recorded(scene: Scene): Promise<void> {
  for (const nth of [1, 2, 3]) await scene.see(told('call.recording', { state: 'stopped' }), nth);
}

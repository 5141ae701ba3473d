import type { Endpoint, MediaServerClient } from '../test/support/media-fsmrf.js';
import { RtpPhone } from '../test/support/media-phone.js';
import { hasTone } from '../test/support/media-tones.js';
import { until } from '../test/support/poll.js';
import { median } from './statistics.js';

/** What a leg hears while it is taken from a prompt to another leg. Milliseconds. */
export interface BridgeFigures {
  readonly bridges: number;
  /** From the last of the prompt to the first of the other leg. */
  readonly gapMedian: number;
  readonly gapMax: number;
  /** Longest time without any packet. */
  readonly holeMax: number;
}

/** Told apart from each other, and from silence. */
const PROMPT_HZ = 700;
const TALK_HZ = 1300;

interface Talker {
  readonly phone: RtpPhone;
  readonly endpoint: Endpoint;
}

async function talker(ms: MediaServerClient): Promise<Talker> {
  const phone = await RtpPhone.open();
  const endpoint = await ms.createEndpoint({ remoteSdp: phone.sdp() });
  phone.follow(endpoint.local.sdp);
  return { phone, endpoint };
}

/** One bridge: the listener is taken from its prompt to the talker. */
async function once(ms: MediaServerClient, prompt: string): Promise<{ gap: number; hole: number }> {
  const listening = await talker(ms);
  const talking = await talker(ms);
  try {
    const { packets } = listening.phone;
    talking.phone.say(TALK_HZ);
    listening.endpoint.play(prompt).catch(() => undefined);
    await until(() => packets.length > 25 && listening.phone.hears(PROMPT_HZ), 'the prompt is heard');
    await listening.endpoint.bridge(talking.endpoint);
    await until(() => listening.phone.hears(TALK_HZ), 'the other leg is heard');
    const last = packets.findLastIndex((p) => hasTone(p.samples, PROMPT_HZ));
    const first = packets.findIndex((p, n) => n > last && hasTone(p.samples, TALK_HZ));
    const around = packets.slice(Math.max(0, last - 5), first + 5);
    const holes = around.slice(1).map((p, n) => p.at - (around[n]?.at ?? p.at));
    return { gap: (packets[first]?.at ?? 0) - (packets[last]?.at ?? 0), hole: Math.max(...holes) };
  } finally {
    await Promise.allSettled([listening.endpoint.destroy(), talking.endpoint.destroy()]);
    await Promise.all([listening.phone.close(), talking.phone.close()]);
  }
}

/** Bridges one after the other, so that they do not disturb each other. */
export async function measureBridges(
  ms: MediaServerClient,
  bridges: number,
  prompt: string,
): Promise<BridgeFigures> {
  const results = [];
  for (let n = 0; n < bridges; n++) results.push(await once(ms, prompt));
  const gaps = results.map(({ gap }) => gap);
  return {
    bridges,
    gapMedian: median(gaps) ?? 0,
    gapMax: Math.max(...gaps),
    holeMax: Math.max(...results.map(({ hole }) => hole)),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './sipp.js';
import type { Running } from './subject.js';
import type { Workspace } from './workspace.js';

/** Moderate, so that set-up leaves no backlog behind. */
export const SETUP_RATE = 250;
/** How long a call may take longer than its fellows to be set up or to end. */
const SLACK_MS = 5_000;

const durationMs = (calls: number): number => (calls / SETUP_RATE) * 1000;

/** Calls that come and go: what is measured afterwards has its code, pools and caches. */
export async function warmUp(work: Workspace, { sipPort }: Running, calls: number): Promise<void> {
  const caller = await Caller.start(work, { sipPort, rate: SETUP_RATE, calls, stay: 50 });
  await caller.end(durationMs(calls) + SLACK_MS);
}

/** Begins calls that stay; whether all of them were set up shows when they end. */
export async function hold(work: Workspace, { sipPort }: Running, calls: number): Promise<Caller> {
  const caller = await Caller.start(work, { sipPort, rate: SETUP_RATE, calls, stay: 'held' });
  const until = Date.now() + durationMs(calls) + SLACK_MS;
  while (caller.stats().created < calls && !caller.child.ended && Date.now() < until) await sleep(100);
  return caller;
}

/** Ends held calls; how many came to their proper end. */
export async function release(caller: Caller): Promise<number> {
  await caller.hangUp(SETUP_RATE);
  await caller.end(SLACK_MS);
  return caller.stats().successful;
}

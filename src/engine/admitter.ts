import { compileAdmission, type Admission } from '../domain/admission.js';
import { callId } from '../domain/ids.js';
import type { CallerIdentity } from '../domain/routing/caller.js';
import type { Channel, Trunk } from '../domain/settings.js';
import type {
  AcceptedOffer,
  IncomingOffer,
  LegPort,
  SignallingHandler,
  Unwanted,
} from '../ports/signalling.js';
import { cidrContains, parseCidr } from '../sip/cidr.js';
import { hidesCaller } from '../sip/privacy.js';
import { checkSdp } from '../sip/sdp.js';
import { CallRunner } from './call-runner.js';
import type { RunnerSetup } from './runner-owner.js';
import { firstStep } from './first-step.js';
import type { EngineParts } from './parts.js';
import type { Planner } from './planner.js';
import type { Registry } from './registry.js';
import { replaceLeg } from './replace-leg.js';

/** Session ids of one call's legs lie within this many numbers of each other. */
const SDP_IDS_PER_CALL = 100;

/** RFC 3261 8.1.1.6, for a caller that does not say. */
const MAX_FORWARDS = 70;

const refuse = (code: number, reason: string): Unwanted => ({ refuse: { code, reason } });

const BUSY: Unwanted = {
  refuse: { code: 503, reason: 'Service Unavailable', headers: [['Retry-After', '30']] },
};

/** A media server that died is back in seconds. */
const MUTE: Unwanted = {
  refuse: { code: 503, reason: 'Service Unavailable', headers: [['Retry-After', '5']] },
};

/** The door: what the network offers becomes a call of a channel, or is turned away. */
export class Admitter implements SignallingHandler {
  private readonly admit: (address: string, dialled: string) => Admission;
  /** Sources of a trunk's in-dialog requests. */
  readonly allows: RunnerSetup['allows'];
  private sdpSeed: number;
  private host = '127.0.0.1';
  /** Who else needs to know; set once by the engine. */
  whenListening: (listening: readonly string[]) => void = () => undefined;
  /** Set when the engine shuts down: no new calls. */
  private closed = false;

  constructor(
    private readonly parts: EngineParts,
    private readonly registry: Registry,
    private readonly planner: Planner,
  ) {
    this.admit = compileAdmission(parts.settings);
    this.allows = compileSources(parts.settings.trunks);
    // Unique among the sessions of our address is all RFC 4566 5.2 asks for.
    this.sdpSeed = Math.floor(parts.clock.now() / 1000) * 1000;
  }

  close(): void {
    this.closed = true;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Once a SIP server has said what it listens on, and whenever another one has come. */
  listeningOn(listening: readonly string[]): void {
    this.host = hostOf(listening[0]);
    this.whenListening(listening);
  }

  offered(offer: IncomingOffer, leg: LegPort): AcceptedOffer | Unwanted {
    const admission = this.admit(offer.source.address, offer.requestUri.user);
    if (admission.kind === 'stranger') return 'ignore';
    const hops = hopsOf(offer);
    if (hops === 0) return refuse(483, 'Too Many Hops');
    if (offer.sdp !== null && checkSdp(offer.sdp) !== null) return refuse(488, 'Not Acceptable Here');
    const replaces = offer.header('replaces');
    if (replaces !== undefined) {
      const { name, auth } = admission.trunk;
      const place = { settings: this.parts.settings, registry: this.registry, trunk: name };
      return replaceLeg(place, replaces, offer, leg, { allows: this.allows(name), auth });
    }
    if (admission.kind === 'noChannel') return refuse(404, 'Not Found');
    if (this.closed || this.registry.size >= this.parts.maxCalls) return BUSY;
    if (this.isMute(admission.channel)) return MUTE;
    return this.accept(offer, leg, admission.channel, admission.trunk, hops - 1);
  }

  linkDown(): void {
    this.parts.metrics.dependencyChanged('signalling', false);
    this.parts.log.error({ calls: this.registry.size }, 'the link to the SIP server broke');
    for (const { runner } of this.registry.all()) runner.post({ type: 'signallingLost' });
  }

  linkUp(): void {
    this.parts.metrics.dependencyChanged('signalling', true);
    this.parts.log.info({}, 'the link to the SIP server is back');
  }

  /** Nobody could be heard: the caller's network may have another way. */
  private isMute({ id, media, answer }: Channel): boolean {
    const { media: servers, log } = this.parts;
    if (media === 'direct' || answer.by === 'redirect' || answer.by === 'refuse') return false;
    if (servers === null || servers.connected()) return false;
    const down = servers.servers().map(({ name }) => name);
    log.error({ channel: id, down }, 'call refused with 503: no media server is up');
    return true;
  }

  private accept(
    offer: IncomingOffer,
    leg: LegPort,
    channel: Channel,
    trunk: Trunk,
    maxForwards: number,
  ): AcceptedOffer {
    const id = callId(this.parts.random.uuid());
    const caller = callerOf(offer);
    this.sdpSeed += SDP_IDS_PER_CALL;
    const place = { sdpSeed: this.sdpSeed, host: this.host, statusMap: trunk.statusMap };
    const asking = { callId: id, channel, caller, trunk: trunk.name };
    const step = firstStep(this.planner, this.parts.settings, asking, offer, place);
    const setup = { maxForwards, allows: this.allows, recording: channel.recording };
    const runner = new CallRunner(step.next, setup, this.parts, this.registry);
    this.registry.add(id, { runner, channel, caller, trunk: trunk.name });
    const ears = runner.receive('caller', trunk.name, leg, offer.sdp);
    runner.begin(step);
    return { ...ears, allows: this.allows(trunk.name), auth: trunk.auth };
  }
}

/** `udp:127.0.0.1:5060` or `udp:[::1]:5060` -> the address, without brackets. */
function hostOf(listening: string | undefined): string {
  const text = listening ?? 'udp:127.0.0.1:0';
  return text.slice(text.indexOf(':') + 1, text.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

const callerOf = (offer: IncomingOffer): CallerIdentity => ({
  user: offer.from.user,
  display: offer.from.display,
  dialled: offer.requestUri.user,
  hidden: hidesCaller(offer.header('privacy') ?? ''),
});

function hopsOf(offer: IncomingOffer): number {
  const text = offer.header('max-forwards')?.trim() ?? '';
  const hops = /^\d{1,3}$/.test(text) ? Number(text) : MAX_FORWARDS;
  return Math.min(hops, MAX_FORWARDS);
}

function compileSources(trunks: ReadonlyMap<string, Trunk>): RunnerSetup['allows'] {
  const blocks = new Map(
    [...trunks.values()].map(({ name, allow }) => [name, allow.flatMap((text) => parseCidr(text) ?? [])]),
  );
  return (trunk) => {
    const own = trunk === null ? [] : (blocks.get(trunk) ?? []);
    return (address) => own.some((block) => cidrContains(block, address));
  };
}

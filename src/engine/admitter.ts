import { compileAdmission, type Admission } from '../domain/admission.js';
import { callId } from '../domain/ids.js';
import { botTarget } from '../domain/routing.js';
import type { Channel, Trunk } from '../domain/settings.js';
import { open } from '../domain/step.js';
import type {
  AcceptedOffer,
  IncomingOffer,
  LegPort,
  SignallingHandler,
  Unwanted,
} from '../ports/signalling.js';
import { checkSdp } from '../sip/sdp.js';
import { CallRunner } from './call-runner.js';
import type { EngineParts } from './parts.js';
import type { Registry } from './registry.js';

/** Session ids of one call's legs lie within this many numbers of each other. */
const SDP_IDS_PER_CALL = 100;

const refuse = (code: number, reason: string): Unwanted => ({ refuse: { code, reason } });

const BUSY: Unwanted = {
  refuse: { code: 503, reason: 'Service Unavailable', headers: [['Retry-After', '30']] },
};

/** The door: what the network offers becomes a call of a channel, or is turned away. */
export class Admitter implements SignallingHandler {
  private readonly admit: (address: string, dialled: string) => Admission;
  private sdpSeed: number;
  private host = '127.0.0.1';
  /** Set when the engine shuts down: no new calls. */
  private closed = false;

  constructor(
    private readonly parts: EngineParts,
    private readonly registry: Registry,
  ) {
    this.admit = compileAdmission(parts.settings);
    // Unique among the sessions of our address is all RFC 4566 5.2 asks for.
    this.sdpSeed = Math.floor(parts.clock.now() / 1000) * 1000;
  }

  close(): void {
    this.closed = true;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Our own address, once the SIP server has said what it listens on. */
  listeningOn(host: string): void {
    this.host = host;
  }

  offered(offer: IncomingOffer, leg: LegPort): AcceptedOffer | Unwanted {
    const admission = this.admit(offer.source.address, offer.requestUri.user);
    if (admission.kind === 'stranger') return 'ignore';
    if (admission.kind === 'noChannel') return refuse(404, 'Not Found');
    if (this.closed || this.registry.size >= this.parts.maxCalls) return BUSY;
    if (offer.sdp !== null && checkSdp(offer.sdp) !== null) return refuse(488, 'Not Acceptable Here');
    return this.accept(offer, leg, admission.channel, admission.trunk);
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

  private accept(offer: IncomingOffer, leg: LegPort, channel: Channel, trunk: Trunk): AcceptedOffer {
    const id = callId(this.parts.random.uuid());
    const caller = { user: offer.from.user, display: offer.from.display, dialled: offer.requestUri.user };
    this.sdpSeed += SDP_IDS_PER_CALL;
    const setup = {
      from: caller.user,
      to: caller.dialled,
      trunk: trunk.name,
      bot: botTarget(channel, caller, id),
      answerTimeoutMs: channel.answerTimeoutMs,
      sdpSeed: this.sdpSeed,
      host: this.host,
    };
    const first = open(id, setup, offer.sdp);
    const runner = new CallRunner(first.next, this.parts, this.registry);
    this.registry.add(id, { runner, channel, caller });
    runner.begin(leg, first);
    return { listener: runner.listener('caller'), tap: runner.tap('caller') };
  }
}

import { FRAME_MS } from '../audio/frame.js';
import type { SoundLibrary } from '../audio/sounds.js';
import type { WavRecorder } from '../audio/wav-recorder.js';
import type { EventHub } from '../esl/event.js';
import type { OutboundOwner } from '../esl/outbound-link.js';
import type { Digit } from '../rtp/dtmf.js';
import type { Negotiation } from '../rtp/negotiation.js';
import type { RtpSession } from '../rtp/session.js';
import type { Answer, LegOwner, SipLeg } from '../sip/leg.js';
import { causeNamed, q850 } from './causes.js';
import {
  applicationHeaders,
  channelHeaders,
  describeMedia,
  describeRecording,
  variableHeaders,
  type Variables,
} from './describe.js';
import { Displacements } from './displacement.js';
import { digitOfInfo } from './info-digit.js';
import { ChannelMedia, type Feed } from './media.js';
import { Recordings } from './recording.js';
import { silenceLimit } from './silence-limit.js';
import { AppRunner, type ExecuteRequest, type Run } from './runner.js';

/** A bridge or a conference, as one of its channels sees it. */
export interface Partnership extends Feed {
  /** The channel goes: sees to those who stay. */
  leave(): void;
  digit(digit: Digit): void;
}

/** What a channel needs of the server around it. */
export interface ChannelHost {
  readonly hub: EventHub;
  readonly sounds: SoundLibrary;
  /** Where a recording of that name goes. */
  recordingPath(name: string): string;
  /** Runs an application; null when there is none of that name. */
  application(name: string): {
    readonly background: boolean;
    run(channel: Channel, argument: string, run: Run): Promise<string>;
  } | null;
  /** The far end acknowledged its first answer: an application may take over. */
  channelReady(channel: Channel): void;
  channelGone(channel: Channel): void;
  /** Milliseconds without media after which a channel ends; 0: never. Channel variables go before. */
  readonly mediaTimeoutMs: number;
}

/** Files of a recording may take so long to close before the channel's end is told without them. */
const CLOSE_FILES_MS = 1000;
const TICKS_PER_CHECK = 1000 / FRAME_MS;

/** One call leg: a dialog, its media, and the applications that run on it. */
export class Channel implements LegOwner, OutboundOwner {
  readonly variables: Variables = new Map();
  readonly media: ChannelMedia;
  readonly recordings: Recordings;
  readonly displacements: Displacements;
  readonly runner: AppRunner;
  ended = false;
  /** Closes the connection to the application. */
  closeLink: () => void = () => undefined;
  private partnership: Partnership | null = null;
  private state = 'ACTIVE';
  private ready = false;
  private ticks = 0;
  /** 0: none. */
  private silenceLimitMs = 0;

  constructor(
    readonly uuid: string,
    private readonly leg: SipLeg,
    readonly rtp: RtpSession,
    readonly negotiation: Negotiation,
    readonly host: ChannelHost,
  ) {
    this.media = new ChannelMedia(rtp);
    this.displacements = new Displacements(this.media, (name, headers) => this.publish(name, headers));
    this.recordings = new Recordings(this.media, {
      started: (path) => this.publish('RECORD_START', { 'Record-File-Path': path }),
      stopped: (recorder, problem) => this.recordStopped(recorder, problem),
    });
    this.runner = new AppRunner(
      (request, run) => this.execute(request, run),
      (app) => host.application(app)?.background === true,
    );
    rtp.onDigit = (digit) => this.digitHeard(digit, 'RTP');
  }

  get partner(): Partnership | null {
    return this.partnership;
  }

  /** Enters a bridge or a conference, leaving any other; null: none. */
  join(next: Partnership | null): void {
    const before = this.partnership;
    this.partnership = next;
    this.media.partner = next;
    if (before !== next) before?.leave();
  }

  /** An event of this channel; with all variables where applications read results. */
  publish(name: string, headers: Readonly<Record<string, string>> = {}, withVariables = false): void {
    const base = channelHeaders(this.uuid, this.state);
    const variables = withVariables ? variableHeaders(this.variables) : {};
    this.host.hub.publish(name, { ...base, ...headers, ...variables });
  }

  describe(): Readonly<Record<string, string>> {
    return { ...channelHeaders(this.uuid, this.state), ...variableHeaders(this.variables) };
  }

  /** Asks for an application; where there is none of that name the channel ends, as on FreeSWITCH. */
  request(request: ExecuteRequest): void {
    if (request.app === 'hangup') this.hangUpByApplication(request);
    else if (this.host.application(request.app) === null) void this.hangUp('DESTINATION_OUT_OF_ORDER');
    else this.runner.push(request);
  }

  /** Ends the leg, whatever happens on it. */
  async hangUp(cause: string, sayBye = true): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.variables.set('hangup_cause', cause);
    if (sayBye) this.leg.bye(cause, q850(cause));
    this.join(null);
    const closed = this.runner.close().then(() => this.recordings.stopAll());
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_FILES_MS))]);
    this.state = 'HANGUP';
    const headers = { 'Hangup-Cause': cause };
    this.publish('CHANNEL_HANGUP', headers);
    this.publish('CHANNEL_CALLSTATE', headers);
    this.publish('CHANNEL_HANGUP_COMPLETE', headers, true);
    this.closeLink();
    this.rtp.close();
    this.host.channelGone(this);
  }

  // --- the dialog

  acknowledged(sdp: string): void {
    if (!this.negotiation.accept(sdp)) {
      void this.hangUp('INCOMPATIBLE_DESTINATION');
      return;
    }
    this.mediaChanged();
    this.answered();
  }

  /** Its first offer and answer are complete: an application may take over. */
  answered(): void {
    if (this.ready) return;
    this.ready = true;
    this.host.channelReady(this);
  }

  offered(sdp: string): Answer {
    if (sdp === '') return { status: 200, sdp: this.negotiation.offer() };
    const answer = this.negotiation.answer(sdp);
    if (answer === null) return { status: 488, reason: 'Not Acceptable Here' };
    this.mediaChanged();
    return { status: 200, sdp: answer };
  }

  info(contentType: string, body: string): boolean {
    const digit = digitOfInfo(contentType, body);
    if (digit !== null) this.digitHeard(digit, 'ENDPOINT');
    return digit !== null;
  }

  farEndGone(cause: string): void {
    void this.hangUp(cause, false);
  }

  linkLost(): void {
    void this.hangUp('NORMAL_CLEARING');
  }

  /** Puts what was negotiated into force. */
  mediaChanged(): void {
    const { terms } = this.negotiation;
    if (terms !== null) this.rtp.apply(terms);
    // FreeSWITCH looks at its variables only when media changes, too.
    this.silenceLimitMs = silenceLimit(terms, this.variables, this.host.mediaTimeoutMs);
    describeMedia(this.variables, this.negotiation);
  }

  /** Once a tick: ends a leg that nobody is heard on any more. */
  watch(): void {
    if (++this.ticks % TICKS_PER_CHECK !== 0) return;
    const { silenceLimitMs: limit } = this;
    if (limit > 0 && performance.now() - this.rtp.heardAt > limit) void this.hangUp('MEDIA_TIMEOUT');
  }

  private digitHeard(digit: Digit, source: 'RTP' | 'ENDPOINT'): void {
    if (this.ended) return;
    this.publish('DTMF', {
      'DTMF-Digit': digit.digit,
      'DTMF-Duration': String(digit.samples),
      'DTMF-Source': source,
      ...(source === 'RTP'
        ? { 'DTMF-SSRC': digit.ssrc.toString(16), 'DTMF-Timestamp': String(digit.timestamp) }
        : {}),
    });
    this.runner.digit(digit.digit);
    this.partnership?.digit(digit);
  }

  private async execute(request: ExecuteRequest, run: Run): Promise<void> {
    if (request.app === 'hangup') {
      this.hangUpByApplication(request);
      return;
    }
    const application = this.host.application(request.app);
    this.publish('CHANNEL_EXECUTE', applicationHeaders(request));
    // A fault of ours must not leave the application waiting for an end that never comes.
    const response =
      (await application?.run(this, request.argument, run).catch((e: unknown) => `-ERR ${String(e)}`)) ??
      '-ERR';
    const headers = { ...applicationHeaders(request), 'Application-Response': response };
    this.publish('CHANNEL_EXECUTE_COMPLETE', headers, true);
  }

  /** Not queued: who hangs up does not want to hear the prompt out. */
  private hangUpByApplication(request: ExecuteRequest): void {
    const cause = causeNamed(request.argument);
    this.publish('CHANNEL_EXECUTE', applicationHeaders(request));
    const headers = { ...applicationHeaders(request), 'Hangup-Cause': cause };
    this.publish('CHANNEL_EXECUTE_COMPLETE', { ...headers, 'Application-Response': '_none_' }, true);
    void this.hangUp(cause);
  }

  private recordStopped(recorder: WavRecorder, problem: Error | null): void {
    describeRecording(this.variables, recorder);
    const cause = problem !== null ? 'uri-failure' : this.ended ? 'no-input-timeout' : 'success-maxtime';
    const why = problem === null ? {} : { 'Record-Failure': problem.message };
    const headers = { 'Record-File-Path': recorder.path, 'Record-Completion-Cause': cause, ...why };
    this.publish('RECORD_STOP', headers, true);
  }
}

import { randomUUID } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { apiCommands, type Api, type ApiHost } from './api/commands.js';
import type { Application } from './apps/application.js';
import { APPLICATIONS } from './apps/table.js';
import { SoundLibrary } from './audio/sounds.js';
import { Channel, type ChannelHost } from './channel/channel.js';
import { causeNamed } from './channel/causes.js';
import { ConferenceCommands } from './conference/commands.js';
import { Rooms } from './conference/rooms.js';
import type { EslCommand } from './esl/command-reader.js';
import { splitWord, type Commands } from './esl/commands.js';
import { EventHub } from './esl/event.js';
import { OutboundLink } from './esl/outbound-link.js';
import type { MediaServerOptions } from './options.js';
import { Negotiation } from './rtp/negotiation.js';
import { NoPortFree, RtpPorts } from './rtp/ports.js';
import { MediaClock, type Ticking } from './rtp/clock.js';
import { RtpSession } from './rtp/session.js';
import { readCall } from './sip/call-request.js';
import type { Answer, SipLeg } from './sip/leg.js';
import type { SipMessage } from './sip/message.js';
import type { CallHandler } from './sip/uas.js';

export const VERSION = '0.9.0-embedded';

/** The calls, and what can be done to them; one per server. */
export class Switchboard implements Commands, ChannelHost, Ticking {
  readonly channels = new Map<string, Channel>();
  readonly hub: EventHub;
  readonly rooms: Rooms;
  readonly sounds: SoundLibrary;
  readonly clock = new MediaClock(this);
  /** Calls since the start. */
  created = 0;
  private draining = false;
  private readonly apis: ReadonlyMap<string, Api>;
  private readonly outbound = new Map<string, { host: string; port: number }>();

  constructor(
    readonly options: MediaServerOptions,
    readonly coreUuid: string,
    status: Pick<ApiHost, 'sofiaStatus' | 'status'>,
  ) {
    this.hub = new EventHub({ 'Core-UUID': coreUuid });
    this.rooms = new Rooms(this.hub);
    this.sounds = new SoundLibrary(options.sounds);
    const conferences = new ConferenceCommands(this.rooms, this);
    this.apis = apiCommands({
      ...status,
      channels: this.channels,
      version: VERSION,
      recordingPath: (name) => this.recordingPath(name),
      conference: (argument) => conferences.run(argument),
    });
  }

  get mediaTimeoutMs(): number {
    return this.options.mediaTimeoutMs;
  }

  // --- calls

  /** Calls with media on one address; @param shown the address written into SDP */
  callsOn(host: string, shown: string): CallHandler {
    const { from, to } = this.options.rtpPorts;
    const ports = new RtpPorts(host, from, to);
    return { incoming: (leg, invite) => this.incoming(leg, invite, ports, shown) };
  }

  private async incoming(leg: SipLeg, invite: SipMessage, ports: RtpPorts, shown: string): Promise<Answer> {
    const call = readCall(invite);
    if (call === null) return { status: 404, reason: 'Not Found' };
    if (this.draining || this.channels.size >= this.options.maxSessions)
      return { status: 503, reason: 'Maximum Calls In Progress' };
    try {
      const rtp = new RtpSession(await ports.open());
      const negotiation = new Negotiation(shown, rtp.port);
      const sdp = invite.body === '' ? negotiation.offer() : negotiation.answer(invite.body);
      if (sdp === null) {
        rtp.close();
        return { status: 488, reason: 'Not Acceptable Here' };
      }
      this.admit(new Channel(randomUUID(), leg, rtp, negotiation, this), leg, call);
      return { status: 200, sdp };
    } catch (error) {
      if (error instanceof NoPortFree) return { status: 503, reason: 'No RTP Port' };
      return { status: 500, reason: 'Server Internal Error' };
    }
  }

  channelReady(channel: Channel): void {
    const address = this.outbound.get(channel.uuid);
    if (address === undefined || channel.ended) return;
    this.outbound.delete(channel.uuid);
    channel.publish('CHANNEL_ANSWER');
    const link = new OutboundLink(address, channel, this, this.hub);
    channel.closeLink = () => link.end();
  }

  channelGone(channel: Channel): void {
    this.outbound.delete(channel.uuid);
    this.channels.delete(channel.uuid);
    if (this.channels.size === 0) this.clock.stop();
  }

  recordingPath(name: string): string {
    return isAbsolute(name) ? name : join(this.options.recordings, name);
  }

  application(name: string): Application | null {
    if (name === 'conference') return this.rooms.application;
    return APPLICATIONS.get(name) ?? null;
  }

  async close(): Promise<void> {
    this.draining = true;
    await Promise.all([...this.channels.values()].map((channel) => channel.hangUp('MANAGER_REQUEST')));
    this.clock.stop();
  }

  // --- commands

  api(line: string): string | Promise<string> {
    const [name, argument] = splitWord(line);
    const command = this.apis.get(name);
    if (command === undefined) return `-ERR ${name} Command not found!\n`;
    const result = command(argument);
    if (typeof result === 'string') return result;
    // A fault of ours must not keep the answers behind this one from coming.
    return result.catch((error: unknown) => `-ERR ${String(error)}\n`);
  }

  sendMessage(uuid: string, { headers }: EslCommand): string {
    const channel = this.channels.get(uuid);
    if (channel === undefined || channel.ended) return '-ERR invalid session id [c]';
    const kind = headers.get('call-command') ?? '';
    if (kind === 'hangup') {
      void channel.hangUp(causeNamed(headers.get('hangup-cause') ?? ''));
      return '+OK';
    }
    const app = headers.get('execute-app-name') ?? '';
    if (kind !== 'execute' || app === '') return '-ERR only execute and hangup are known here';
    channel.request({
      app,
      argument: headers.get('execute-app-arg') ?? '',
      id: headers.get('event-uuid') ?? randomUUID(),
      locked: headers.get('event-lock') === 'true',
      loops: Number.parseInt(headers.get('loops') ?? '1', 10) || 0,
    });
    return '+OK';
  }

  jobDone(job: string, command: string, result: string): void {
    const [name, argument] = splitWord(command);
    const headers = { 'Job-UUID': job, 'Job-Command': name, 'Job-Command-Arg': argument };
    this.hub.publish('BACKGROUND_JOB', headers, result);
  }

  // --- the tick: all listen, rooms mix, all speak

  onTick(): void {
    for (const channel of this.channels.values()) channel.media.listen();
    for (const room of this.rooms.all) room.mix();
    for (const channel of this.channels.values()) {
      channel.media.speak();
      channel.watch();
    }
  }

  onSkip(ticks: number): void {
    for (const channel of this.channels.values()) channel.rtp.skip(ticks);
  }

  private admit(channel: Channel, leg: SipLeg, call: NonNullable<ReturnType<typeof readCall>>): void {
    leg.owner = channel;
    for (const [name, value] of call.variables) channel.variables.set(name, value);
    channel.variables.set('uuid', channel.uuid);
    channel.variables.set('sofia_profile_name', this.options.profile);
    this.channels.set(channel.uuid, channel);
    this.outbound.set(channel.uuid, call.application);
    this.created++;
    channel.mediaChanged();
    this.clock.start();
    // With an offer of the far end everything is settled; without one, its ACK brings the answer first.
    if (call.offered) setImmediate(() => channel.answered());
  }
}

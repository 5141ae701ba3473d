import { clip, FRAME_SAMPLES, RATE, newFrame } from '../audio/frame.js';
import type { OpenSound } from '../audio/sounds.js';
import type { WavRecorder } from '../audio/wav-recorder.js';
import { Playback } from '../channel/media.js';
import type { Channel } from '../channel/channel.js';
import type { EventHub } from '../esl/event.js';
import { Member } from './member.js';

interface QueuedFile {
  readonly name: string;
  readonly sound: OpenSound;
  readonly playback: Playback;
}

export interface ConferenceHost {
  readonly hub: EventHub;
  nextMemberId(): number;
  conferenceEmpty(conference: Conference): void;
}

/** A room: everybody in it hears everybody else. */
export class Conference {
  readonly members = new Map<number, Member>();
  readonly recorders = new Map<string, { recorder: WavRecorder; paused: boolean }>();
  readonly startedAt = Date.now();
  locked = false;
  /** 0: no limit. */
  maxMembers = 0;
  private readonly queue: QueuedFile[] = [];
  private readonly sum = new Int32Array(FRAME_SAMPLES);
  private readonly file = newFrame();
  private ending = false;

  /** @param pin what joining takes; empty: nothing */
  constructor(
    readonly name: string,
    readonly uuid: string,
    readonly pin: string,
    private readonly host: ConferenceHost,
  ) {}

  get size(): number {
    return this.members.size;
  }

  /** Members that `wait-mod` keeps apart until a moderator is there. */
  get waiting(): boolean {
    const all = [...this.members.values()];
    return all.some((m) => m.has('wait-mod')) && !all.some((m) => m.has('moderator'));
  }

  add(channel: Channel, flags: ReadonlySet<string>): Member {
    const member = new Member(this.host.nextMemberId(), channel, flags, this);
    if (this.size === 0) this.announce('conference-create', null);
    this.members.set(member.id, member);
    channel.join(member);
    channel.variables.set('conference_member_id', String(member.id));
    channel.variables.set('conference_uuid', this.uuid);
    channel.variables.set('conference_name', this.name);
    this.announce('add-member', member);
    return member;
  }

  /** Takes a member that has left its seat off the list; the room may end with it. */
  remove(member: Member): void {
    if (!this.members.delete(member.id)) return;
    this.announce('del-member', member);
    const left = [...this.members.values()];
    const lastOfEnders = member.has('endconf') && !left.some((m) => m.has('endconf'));
    const belowTwo = left.length < 2 && (member.has('mintwo') || left.some((m) => m.has('mintwo')));
    if (left.length === 0) this.finish();
    else if (lastOfEnders || belowTwo) this.end();
  }

  /** Everybody leaves, and hangs up who has not set `hangup_after_conference` to false. */
  end(): void {
    if (this.ending) return;
    this.ending = true;
    for (const { channel } of [...this.members.values()])
      if (channel.variables.get('hangup_after_conference') === 'false') channel.join(null);
      else void channel.hangUp('NORMAL_CLEARING');
  }

  /** One tick: from what members say to what each of them hears. */
  mix(): void {
    const playing = this.playQueue();
    const { sum } = this;
    for (let i = 0; i < FRAME_SAMPLES; i++) sum[i] = playing ? (this.file[i] ?? 0) : 0;
    const waiting = this.waiting;
    let speakers = 0;
    for (const member of this.members.values()) {
      this.detect(member);
      if (waiting || !member.speaks) continue;
      speakers++;
      const { heard } = member.channel.media;
      for (let i = 0; i < FRAME_SAMPLES; i++) sum[i] = (sum[i] ?? 0) + (heard[i] ?? 0);
    }
    for (const member of this.members.values())
      this.mixFor(member, !waiting && member.speaks, speakers, playing);
    this.record();
  }

  /** Puts a file behind those that play already. */
  enqueue(name: string, sound: OpenSound): void {
    const playback = new Playback(sound.source);
    const file = { name, sound, playback };
    this.queue.push(file);
    if (this.queue.length === 1) this.announceFile('play-file', file);
    void playback.finished.then(() => {
      this.announceFile('play-file-done', file);
      this.queue.splice(this.queue.indexOf(file), 1);
      const [next] = this.queue;
      if (next !== undefined) this.announceFile('play-file', next);
    });
  }

  /** @returns how many files were stopped: the one that plays, or all of them */
  stopFiles(all: boolean): number {
    const files = all ? [...this.queue] : this.queue.slice(0, 1);
    for (const { playback } of files) playback.end('break');
    return files.length;
  }

  announce(action: string, member: Member | null, headers: Readonly<Record<string, string>> = {}): void {
    this.host.hub.publish('CUSTOM', {
      'Event-Subclass': 'conference::maintenance',
      'Conference-Name': this.name,
      'Conference-Unique-ID': this.uuid,
      'Conference-Size': String(this.size),
      'Conference-Ghosts': String([...this.members.values()].filter((m) => m.has('ghost')).length),
      'Conference-Profile-Name': 'default',
      ...(member === null ? {} : memberHeaders(member)),
      Action: action,
      ...headers,
    });
  }

  private playQueue(): boolean {
    const [first] = this.queue;
    return first?.playback.fill(this.file) === true;
  }

  /** A member hears all but itself. */
  private mixFor(member: Member, speaks: boolean, speakers: number, playing: boolean): void {
    const others = speakers - (speaks ? 1 : 0);
    member.hearsMix = others > 0 || playing;
    if (!member.hearsMix) return;
    const { heard } = member.channel.media;
    for (let i = 0; i < FRAME_SAMPLES; i++)
      member.mix[i] = clip((this.sum[i] ?? 0) - (speaks ? (heard[i] ?? 0) : 0));
  }

  private detect(member: Member): void {
    const change = member.detector.frame(member.channel.media.heard);
    if (change === null) return;
    if (!member.muted) this.announce(change === 'start' ? 'start-talking' : 'stop-talking', member);
    else if (change === 'start' && member.has('mute-detect')) this.announce('mute-detect', member);
  }

  private record(): void {
    if (this.recorders.size === 0) return;
    const all = newFrame();
    for (let i = 0; i < FRAME_SAMPLES; i++) all[i] = clip(this.sum[i] ?? 0);
    for (const { recorder, paused } of this.recorders.values()) if (!paused) recorder.write(all);
  }

  private announceFile(action: string, { name, sound }: QueuedFile): void {
    const { position } = sound.source;
    const ms = Math.round((position * 1000) / RATE);
    const length = {
      seconds: String(Math.floor(ms / 1000)),
      milliseconds: String(ms),
      samples: String(position),
    };
    this.announce(action, null, { File: name, ...(action === 'play-file-done' ? length : {}) });
  }

  private finish(): void {
    this.stopFiles(true);
    for (const [path, { recorder }] of [...this.recorders]) {
      this.recorders.delete(path);
      void recorder.close().then(() => this.announce('stop-recording', null, { Path: path }));
    }
    this.announce('conference-destroy', null);
    this.host.conferenceEmpty(this);
  }
}

function memberHeaders({ id, channel, flags, muted, deaf, detector }: Member): Record<string, string> {
  return {
    'Unique-ID': channel.uuid,
    'Channel-Call-UUID': channel.uuid,
    'Member-ID': String(id),
    'Member-Type': flags.has('moderator') ? 'moderator' : 'member',
    'Member-Ghost': String(flags.has('ghost')),
    Speak: String(!muted),
    Hear: String(!deaf),
    Talking: String(detector.talking),
  };
}

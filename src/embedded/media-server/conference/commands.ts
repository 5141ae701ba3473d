import type { SoundLibrary } from '../audio/sounds.js';
import { WavRecorder } from '../audio/wav-recorder.js';
import { isWav } from '../apps/record.js';
import { speakDigits } from '../apps/simple.js';
import { Playback } from '../channel/media.js';
import { words } from '../esl/commands.js';
import type { Conference } from './conference.js';
import { memberCommand, membersNamed } from './member-commands.js';
import type { Rooms } from './rooms.js';

export interface ConferenceFiles {
  readonly sounds: SoundLibrary;
  recordingPath(name: string): string;
}

/** `conference <name> <verb> ...`, answered in FreeSWITCH's words: drachtio-fsmrf looks for some of them. */
export class ConferenceCommands {
  constructor(
    private readonly rooms: Rooms,
    private readonly files: ConferenceFiles,
  ) {}

  run(argument: string): string | Promise<string> {
    const [name = '', verb = '', ...rest] = words(argument);
    if (name === 'list' || name === '') return this.listAll();
    const room = this.rooms.get(name);
    if (room === undefined) {
      return this.rooms.count === 0 && verb === ''
        ? 'No active conferences.\n'
        : `-ERR Conference ${name} not found\n`;
    }
    return this.inRoom(room, verb.toLowerCase(), rest);
  }

  private inRoom(room: Conference, verb: string, rest: readonly string[]): string | Promise<string> {
    const [first = '', second = ''] = rest;
    switch (verb) {
      case 'list':
        return first === 'count' ? String(room.size) : list(room);
      case 'set':
        return setParameter(room, first, second);
      case 'get':
        return parameter(room, first);
      case 'lock':
      case 'unlock':
        return lock(room, verb === 'lock');
      case 'play':
        return this.play(room, rest);
      case 'stop':
        return stop(room, first, second);
      case 'recording':
        return this.recording(room, first.toLowerCase(), second);
      case 'chkrecord':
        return room.recorders.size === 0
          ? 'Conference is not being recorded.\n'
          : [...room.recorders.keys()].map((path) => `Record file ${path}\n`).join('');
      case 'transfer':
        return this.transfer(room, first, rest.slice(1));
      case 'dtmf':
        return dtmf(room, first, second);
      default:
        return memberCommand(room, verb, first) ?? `-ERR Conference command '${verb}' not found.\n`;
    }
  }

  private listAll(): string {
    const rooms = [...this.rooms.all];
    if (rooms.length === 0) return 'No active conferences.\n';
    const plural = (n: number): string => (n === 1 ? 'member' : 'members');
    return rooms
      .map(
        (r) => `+OK Conference ${r.name} (${r.size} ${plural(r.size)} rate: 8000 flags: running)\n${list(r)}`,
      )
      .join('');
  }

  /** `play file [member]`; options like `vol=` may stand between. */
  private async play(room: Conference, rest: readonly string[]): Promise<string> {
    const [file = ''] = rest;
    const last = rest.at(-1) ?? '';
    const forMember = rest.length > 1 && /^\d+$/.test(last);
    const member = forMember ? room.members.get(Number(last)) : undefined;
    if (forMember && member === undefined) return `-ERR Member: ${last} not found.\n`;
    const sound = await this.files.sounds.open(file);
    if (sound === null || room.size === 0) return `(play) File: ${file} not found.\n`;
    if (member === undefined) {
      room.enqueue(file, sound);
      return `(play) Playing file ${file}\n`;
    }
    const prompt = new Playback(sound.source);
    member.prompt?.end('break');
    member.prompt = prompt;
    room.announce('play-file-member', member, { File: file });
    void prompt.finished.then(() => {
      if (member.prompt === prompt) member.prompt = null;
      room.announce('play-file-member-done', member, { File: file });
    });
    return `(play) Playing file ${file} to member ${member.id}\n`;
  }

  private async recording(room: Conference, verb: string, file: string): Promise<string> {
    if (verb === 'check') return room.recorders.size === 0 ? '-ERR not recording\n' : '+OK recording\n';
    const path = this.files.recordingPath(file);
    if (verb === 'start') return this.startRecording(room, file, path);
    if (verb === 'stop') return stopRecordings(room, file, path);
    const entry = room.recorders.get(path);
    if (verb !== 'pause' && verb !== 'resume') return `-ERR Invalid recording verb '${verb}'\n`;
    if (entry === undefined) return `-ERR recording file ${file} not found\n`;
    entry.paused = verb === 'pause';
    return verb === 'pause' ? `Pause recording file ${file}\n` : `Resume recording file ${file}\n`;
  }

  private async startRecording(room: Conference, file: string, path: string): Promise<string> {
    if (!isWav(path)) return `-ERR cannot record ${file}: only wav\n`;
    if (room.recorders.has(path)) return `-ERR already recording to ${file}\n`;
    try {
      const failed = (error: Error): void => {
        room.recorders.delete(path);
        room.announce('stop-recording', null, { Path: path, Error: error.message });
      };
      const recorder = await WavRecorder.open(path, 1, failed);
      room.recorders.set(path, { recorder, paused: false });
      room.announce('start-recording', null, { Path: path });
      return `Record file ${file}\n`;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      room.announce('start-recording', null, { Path: path, Error: problem });
      return `-ERR cannot record ${file}: ${problem}\n`;
    }
  }

  private transfer(room: Conference, to: string, ids: readonly string[]): string {
    if (to === '' || ids.length === 0) return '-ERR Usage: conference <name> transfer <name> <member>\n';
    return ids
      .map((id) => {
        const member = room.members.get(Number(id));
        if (member === undefined) return `-ERR No Member ${id} in conference ${room.name}.\n`;
        // A seat is taken there with none of the flags it had here, as on FreeSWITCH.
        const seat = this.rooms.enter(member.channel, { name: to, pin: '', flags: new Set() });
        if (seat === null) return `-ERR Conference ${to} does not take member ${id}.\n`;
        const names = { 'Old-Conference-Name': room.name, 'New-Conference-Name': to };
        room.announce('transfer', seat, names);
        return `+OK Member '${id}' sent to conference ${to}.\n`;
      })
      .join('');
  }
}

function list(room: Conference): string {
  return [...room.members.values()]
    .map(({ id, channel, flags, muted, deaf, detector }) => {
      const state = [deaf ? '' : 'hear', muted ? '' : 'speak', detector.talking ? 'talking' : '', ...flags];
      const { uuid } = channel;
      return `${id};sofia/drachtio_mrf/${uuid};${uuid};drachtio;drachtio;${state.filter((s) => s !== '').join('|')};0;0;300\n`;
    })
    .join('');
}

function parameter(room: Conference, name: string): string {
  const values: Readonly<Record<string, string | number>> = {
    max_members: room.maxMembers,
    count: room.size,
    count_ghost: [...room.members.values()].filter((m) => m.has('ghost')).length,
    rate: 8000,
    run_time: Math.floor((Date.now() - room.startedAt) / 1000),
    is_locked: room.locked ? 'locked' : '',
    uuid: room.uuid,
    wait_mod: room.waiting ? 'true' : '',
  };
  return Object.hasOwn(values, name) ? String(values[name]) : '-ERR unknown parameter\n';
}

/** Answers with the value it had. */
function setParameter(room: Conference, name: string, value: string): string {
  if (name !== 'max_members') return `-ERR unknown parameter ${name}\n`;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) return '-ERR max_members must be a number\n';
  const before = room.maxMembers;
  room.maxMembers = number;
  return String(before);
}

function lock(room: Conference, locked: boolean): string {
  room.locked = locked;
  room.announce(locked ? 'lock' : 'unlock', null);
  return `+OK ${room.name} ${locked ? 'locked' : 'unlocked'}\n`;
}

function stop(room: Conference, what: string, id: string): string {
  if (id === '') return `+OK Stopped ${room.stopFiles(what === 'all')} files.\n`;
  const member = room.members.get(Number(id));
  if (member === undefined) return `-ERR Member: ${id} not found.\n`;
  member.prompt?.end('break');
  return '+OK Stopped files.\n';
}

async function stopRecordings(room: Conference, file: string, path: string): Promise<string> {
  const paths = file === 'all' ? [...room.recorders.keys()] : [path];
  const entries = paths.filter((p) => room.recorders.has(p));
  if (entries.length === 0) return `-ERR not recording to ${file}\n`;
  for (const one of entries) {
    const entry = room.recorders.get(one);
    room.recorders.delete(one);
    await entry?.recorder.close();
    room.announce('stop-recording', null, { Path: one });
  }
  return `Stopped recording file ${file}\n`;
}

function dtmf(room: Conference, who: string, digits: string): string {
  const members = membersNamed(room, who);
  if (members.length === 0) return `-ERR Member: ${who} not found.\n`;
  const sent = members.filter((member) => speakDigits(member.channel, digits));
  return sent.length === 0 ? '-ERR no digits sent\n' : `+OK sent ${digits} to ${who}\n`;
}

import { randomUUID } from 'node:crypto';
import type { EslCommand } from './command-reader.js';
import type { EslConnection } from './connection.js';
import { apiResponse, backgroundReply, commandReply, disconnectNotice } from './frames.js';

/** What the commands of a connection can reach. */
export interface Commands {
  /** @returns the body of the answer; `-ERR ...` where FreeSWITCH would say so; never rejects */
  api(line: string): string | Promise<string>;
  /** @returns the reply text of a message to a channel */
  sendMessage(channel: string, command: EslCommand): string;
  /** Ends a job started by `bgapi`. */
  jobDone(job: string, command: string, result: string): void;
}

/** The commands both kinds of connection take, once the application is let in. */
export class CommandTable {
  /** @param ownChannel the channel this connection controls; null on a connection the application opened */
  constructor(
    private readonly commands: Commands,
    private readonly connection: () => EslConnection,
    private readonly ownChannel: string | null,
  ) {}

  run(command: EslCommand): string | Promise<string> {
    const [verb, rest] = splitWord(command.line);
    switch (verb.toLowerCase()) {
      case 'api':
        return this.api(rest);
      case 'bgapi':
        return this.background(rest, command);
      case 'sendmsg':
        return commandReply(this.commands.sendMessage(rest === '' ? (this.ownChannel ?? '') : rest, command));
      case 'exit':
        this.connection().end(commandReply('+OK bye') + disconnectNotice(this.ownChannel ?? undefined));
        return '';
      default:
        return commandReply(this.listening(verb.toLowerCase(), rest));
    }
  }

  private api(line: string): string | Promise<string> {
    const body = this.commands.api(line);
    return typeof body === 'string' ? apiResponse(body) : body.then(apiResponse);
  }

  private background(line: string, command: EslCommand): string {
    const job = command.headers.get('job-uuid') ?? randomUUID();
    const { commands } = this;
    // Behind the reply, as the reply is what tells the application the job's name.
    setImmediate(() => void Promise.resolve(commands.api(line)).then((r) => commands.jobDone(job, line, r)));
    return backgroundReply(job);
  }

  private listening(verb: string, rest: string): string {
    const { subscription } = this.connection();
    switch (verb) {
      case 'event':
        return this.subscribe(rest);
      case 'nixevent':
        subscription.remove(words(rest));
        return '+OK events nixed';
      case 'noevents':
        subscription.clear();
        return '+OK no longer listening for events';
      case 'filter':
        return this.filter(rest);
      case 'linger':
      case 'nolinger':
        // Nothing is said on a connection behind its channel's end, so there is nothing to linger for.
        return '-ERR not controlling a session that lingers';
      default:
        return '-ERR command not found';
    }
  }

  private subscribe(rest: string): string {
    const [format = '', ...names] = words(rest);
    if (format !== 'json') return '-ERR only event json is served here';
    if (names.length === 0) return '-ERR no keywords supplied';
    this.connection().subscription.add(names);
    return '+OK event listener enabled json';
  }

  private filter(rest: string): string {
    const { subscription } = this.connection();
    const [first, tail] = splitWord(rest);
    if (first === '') return '-ERR invalid syntax';
    if (first !== 'delete') {
      subscription.filter(first, tail);
      return `+OK filter added. [${first}]=[${tail}]`;
    }
    const [header, value] = splitWord(tail);
    subscription.unfilter(header, value === '' ? null : value);
    return `+OK filter deleted. [${header}]=[${value}]`;
  }
}

/** The first word and what follows it. */
export function splitWord(text: string): [word: string, rest: string] {
  const trimmed = text.trim();
  const space = trimmed.search(/\s/);
  return space < 0 ? [trimmed, ''] : [trimmed.slice(0, space), trimmed.slice(space + 1).trim()];
}

export const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

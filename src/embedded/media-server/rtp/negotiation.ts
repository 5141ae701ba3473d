import { randomBytes } from 'node:crypto';
import { PCMA, PCMU, type Codec } from '../audio/g711.js';
import { parseSdp, REVERSE, type Direction, type MediaLine } from './sdp.js';
import type { RtpTerms } from './session.js';

const EVENT_TYPE = 101;
const NO_HOST = /^(0\.0\.0\.0|::)?$/;

/** Our audio line as it stands, or one we refused: kept in number and order for good (RFC 3264 section 8). */
type Slot = { readonly audio: true } | { readonly audio: false; readonly line: string };

interface Choice {
  readonly codec: Codec;
  readonly payloadType: number;
  readonly eventType: number | null;
}

/** Offers and answers of one leg; one `o=` session whose version grows with every change. */
export class Negotiation {
  /** The description we showed last. */
  local = '';
  /** The one the far end showed last. */
  remote = '';
  terms: RtpTerms | null = null;
  private readonly session = randomBytes(6).readUIntBE(0, 6);
  private version = 0;
  private shown = '';
  private slots: readonly Slot[] = [{ audio: true }];
  private offered = false;

  /** @param host the address written into descriptions */
  constructor(
    readonly host: string,
    readonly port: number,
  ) {}

  /** We make the offer: all we can. */
  offer(): string {
    this.offered = true;
    const formats = [
      `0 8 ${EVENT_TYPE}`,
      ...rtpmaps([
        [0, 'PCMU'],
        [8, 'PCMA'],
      ]),
      ...eventLines(EVENT_TYPE),
    ];
    return this.write(formats, 'sendrecv');
  }

  /** Null when there is nothing in the offer we can take: 488. The terms are then as they were. */
  answer(offer: string): string | null {
    const media = parseSdp(offer) ?? [];
    const index = media.findIndex((line) => choose(line) !== null);
    const line = media[index];
    const choice = line === undefined ? null : choose(line);
    if (line === undefined || choice === null) return null;
    this.offered = false;
    this.remote = offer;
    this.slots = media.map((m, i) =>
      i === index
        ? { audio: true }
        : { audio: false, line: `m=${m.kind} 0 ${m.protocol} ${m.formats.join(' ')}` },
    );
    this.terms = this.termsFor(line, choice);
    const { codec, payloadType, eventType } = choice;
    const numbers = eventType === null ? `${payloadType}` : `${payloadType} ${eventType}`;
    const formats = [numbers, ...rtpmaps([[payloadType, codec.name]]), ...eventLines(eventType)];
    return this.write(formats, REVERSE[line.direction]);
  }

  /** The far end's answer to our offer; false when it is none we can use. An ACK without SDP after no offer is fine. */
  accept(answer: string): boolean {
    if (!this.offered) return true;
    this.offered = false;
    const media = parseSdp(answer) ?? [];
    const line = media[this.slots.findIndex((slot) => slot.audio)];
    const choice = line === undefined ? null : choose(line);
    if (line === undefined || choice === null) return false;
    this.remote = answer;
    this.terms = this.termsFor(line, choice);
    return true;
  }

  private termsFor(line: MediaLine, choice: Choice): RtpTerms {
    const own = line.host === this.host && line.port === this.port;
    const held = NO_HOST.test(line.host);
    // drachtio-srf echoes our own offer when it has none: that is nobody, not a party to send our own audio to.
    const remote = own || held ? null : { host: line.host, port: line.port };
    const { direction } = line;
    return {
      ...choice,
      remote,
      send: direction === 'sendrecv' || direction === 'recvonly',
      receive: !own && (direction === 'sendrecv' || direction === 'sendonly'),
    };
  }

  private write(formats: readonly string[], direction: Direction): string {
    const [numbers = '', ...attributes] = formats;
    const family = this.host.includes(':') ? 'IP6' : 'IP4';
    const lines = this.slots.flatMap((slot) =>
      slot.audio
        ? [`m=audio ${this.port} RTP/AVP ${numbers}`, ...attributes, 'a=ptime:20', `a=${direction}`]
        : [slot.line],
    );
    const body = ['s=-', `c=IN ${family} ${this.host}`, 't=0 0', ...lines, ''].join('\r\n');
    if (body !== this.shown) this.version++;
    this.shown = body;
    const origin = `o=switchhook ${this.session} ${this.version} IN ${family} ${this.host}`;
    this.local = `v=0\r\n${origin}\r\n${body}`;
    return this.local;
  }
}

/** The far end's first codec of ours, by its order. */
function choose({ kind, port, protocol, formats, rtpmap }: MediaLine): Choice | null {
  if (kind !== 'audio' || port === 0 || protocol !== 'RTP/AVP') return null;
  const numbers = formats.map(Number);
  const payloadType = numbers.find((n) => codecNamed(rtpmap.get(n)) !== undefined);
  const codec = payloadType === undefined ? undefined : codecNamed(rtpmap.get(payloadType));
  if (payloadType === undefined || codec === undefined) return null;
  const eventType = numbers.find((n) => rtpmap.get(n) === 'TELEPHONE-EVENT/8000') ?? null;
  return { codec, payloadType, eventType };
}

const codecNamed = (name: string | undefined): Codec | undefined =>
  [PCMU, PCMA].find((codec) => name === `${codec.name}/8000`);

const rtpmaps = (entries: readonly (readonly [number, string])[]): string[] =>
  entries.map(([number, name]) => `a=rtpmap:${number} ${name}/8000`);

const eventLines = (eventType: number | null): string[] =>
  eventType === null ? [] : [`a=rtpmap:${eventType} telephone-event/8000`, `a=fmtp:${eventType} 0-15`];

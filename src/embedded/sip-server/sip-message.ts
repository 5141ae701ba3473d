import { H, type KnownHeader } from './header-names.js';
import { parseCSeq } from './cseq.js';
import { tagOf } from './name-addr.js';

/** One header line: offsets into the raw text, so that nothing is copied until somebody asks. */
export class HeaderField {
  next: HeaderField | null = null;
  constructor(
    readonly known: KnownHeader | undefined,
    readonly nameStart: number,
    readonly nameEnd: number,
    readonly start: number,
    readonly end: number,
  ) {}

  get id(): number {
    return this.known === undefined ? H.Other : this.known.id;
  }
}

/** A scanned SIP message: the raw latin1 text and where its parts are. */
export class SipMessage {
  method = '';
  uri = '';
  status = 0;
  reason = '';
  first: HeaderField | null = null;
  bodyStart = 0;
  /** Why this message must not reach an application; empty when it is well formed. */
  defect = '';
  /** The status a request with that defect is answered with. */
  defectStatus = 400;
  private callIdCache: string | undefined;
  private fromTagCache: string | undefined;
  private toTagCache: string | undefined;
  private cseqCache: number | undefined;
  private cseqMethodCache = '';

  constructor(
    readonly raw: string,
    readonly start: number,
    public end: number,
  ) {}

  get isRequest(): boolean {
    return this.status === 0;
  }

  find(id: number): HeaderField | null {
    for (let f = this.first; f !== null; f = f.next) if (f.known !== undefined && f.known.id === id) return f;
    return null;
  }

  /** Value of the first header of that kind, or the empty string. */
  value(id: number): string {
    const f = this.find(id);
    return f === null ? '' : this.raw.slice(f.start, f.end);
  }

  has(id: number): boolean {
    return this.find(id) !== null;
  }

  valueOf(field: HeaderField): string {
    return this.raw.slice(field.start, field.end);
  }

  /** Canonical spelling of a known header, byte for byte the given one of any other. */
  nameOf(field: HeaderField): string {
    return field.known === undefined ? this.raw.slice(field.nameStart, field.nameEnd) : field.known.name;
  }

  values(id: number): string[] {
    const all: string[] = [];
    for (let f = this.first; f !== null; f = f.next) if (f.id === id) all.push(this.valueOf(f));
    return all;
  }

  /** True when a comma separated option header (Require, Supported) names the tag. */
  lists(id: number, option: string): boolean {
    for (let f = this.first; f !== null; f = f.next) {
      if (f.id !== id) continue;
      for (const part of this.valueOf(f).split(',')) if (part.trim().toLowerCase() === option) return true;
    }
    return false;
  }

  get callId(): string {
    return (this.callIdCache ??= this.value(H.CallId));
  }

  get fromTag(): string {
    return (this.fromTagCache ??= tagOf(this.value(H.From)));
  }

  get toTag(): string {
    return (this.toTagCache ??= tagOf(this.value(H.To)));
  }

  /** CSeq number, -1 when the header is absent or broken. */
  get cseq(): number {
    if (this.cseqCache === undefined) this.readCSeq();
    return this.cseqCache ?? -1;
  }

  get cseqMethod(): string {
    if (this.cseqCache === undefined) this.readCSeq();
    return this.cseqMethodCache;
  }

  get body(): string {
    return this.raw.slice(this.bodyStart, this.end);
  }

  get hasBody(): boolean {
    return this.bodyStart < this.end;
  }

  get text(): string {
    return this.start === 0 && this.end === this.raw.length ? this.raw : this.raw.slice(this.start, this.end);
  }

  fail(defect: string, status = 400): void {
    if (this.defect !== '') return;
    this.defect = defect;
    this.defectStatus = status;
  }

  private readCSeq(): void {
    const { number, method } = parseCSeq(this.value(H.CSeq));
    this.cseqCache = number;
    this.cseqMethodCache = method;
  }
}

import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { Evidence, Outcome } from '../../domain/outcome.js';
import type { TransferId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { SipCallIds } from '../../ports/tracing.js';

export type TransferEvent = Extract<PublishedEvent, { data: { transferId: TransferId } }>;

type AttemptStarted = Extract<TransferEvent, { type: 'transfer.attempt.started' }>;

/** The spans of one transfer: times are those of its events, to the millisecond. */
export class TransferTrace {
  private attempt: Span | null = null;

  constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
  ) {}

  get spanContext(): SpanContext {
    return this.span.spanContext();
  }

  told(event: TransferEvent, sip: SipCallIds): void {
    switch (event.type) {
      case 'transfer.attempt.started':
        this.attempt = this.startAttempt(event);
        return;
      case 'transfer.attempt.ringing':
        return this.note(event, sip, 'ringing', { 'sip.status_code': event.data.sipCode });
      case 'transfer.attempt.answered':
        return this.note(event, sip, 'answered');
      case 'transfer.degraded':
        return this.note(event, sip, 'degraded', { from: event.data.from, to: event.data.to });
      case 'transfer.attempt.ended':
        return this.endAttempt(event, sip, event.data);
      case 'transfer.bridged':
        this.span.addEvent('bridged', new Date(event.time));
        return;
      case 'transfer.completed':
      case 'transfer.failed':
      case 'transfer.cancelled':
        this.endAttempt(event, sip, event.data);
        return end(this.span, event);
      case 'transfer.requested':
      case 'transfer.returned':
        return;
    }
  }

  private startAttempt({ time, data: { attempt } }: AttemptStarted): Span {
    const attributes: Attributes = {
      'switchhook.attempt': attempt.n,
      'switchhook.mode': attempt.method,
      ...(attempt.trunk !== null && { 'switchhook.trunk': attempt.trunk }),
      ...(attempt.because !== null && { 'switchhook.because': attempt.because }),
    };
    const options = { kind: SpanKind.CLIENT, startTime: new Date(time), attributes };
    return this.tracer.startSpan(
      `attempt ${attempt.method}`,
      options,
      trace.setSpan(context.active(), this.span),
    );
  }

  private note(
    { time, data }: Extract<TransferEvent, { data: { attempt: unknown } }>,
    sip: SipCallIds,
    name: string,
    attributes: Attributes = {},
  ): void {
    this.nameDialog(sip, data.attempt.method);
    this.attempt?.addEvent(name, attributes, new Date(time));
  }

  private endAttempt(
    event: TransferEvent,
    sip: SipCallIds,
    result: { readonly outcome: Outcome; readonly evidence: Evidence },
  ): void {
    if (this.attempt === null) return;
    if ('attempt' in event.data) this.nameDialog(sip, event.data.attempt.method);
    conclude(this.attempt, result);
    this.attempt.end(new Date(event.time));
    this.attempt = null;
  }

  /** REFER and BYE go out on the caller's dialog, an INVITE makes one of its own. */
  private nameDialog(sip: SipCallIds, method: string): void {
    const id = method === 'invite' ? sip.target : sip.caller;
    if (id !== null) this.attempt?.setAttribute('sip.call_id', id);
  }
}

type Terminal = Extract<
  TransferEvent,
  { type: 'transfer.completed' | 'transfer.failed' | 'transfer.cancelled' }
>;

function end(span: Span, { type, time, data }: Terminal): void {
  span.setAttribute('switchhook.result', type.replace('transfer.', ''));
  conclude(span, data);
  span.end(new Date(time));
}

/** A reason phrase is the far end's to write, numbers and all, and stays out. */
function conclude(
  span: Span,
  { outcome, evidence }: { readonly outcome: Outcome; readonly evidence: Evidence },
): void {
  span.setAttributes({
    'switchhook.outcome': outcome,
    'switchhook.phase': evidence.phase,
    'switchhook.decided_by': evidence.decidedBy,
    ...(evidence.sipCode !== null && { 'sip.status_code': evidence.sipCode }),
    ...(evidence.q850 !== null && { 'sip.q850': evidence.q850 }),
  });
  const code = outcome === 'answered' || outcome === 'cancelled' ? SpanStatusCode.OK : SpanStatusCode.ERROR;
  span.setStatus(code === SpanStatusCode.ERROR ? { code, message: outcome } : { code });
}

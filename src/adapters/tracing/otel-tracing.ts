import { context, isSpanContextValid, SpanKind, trace, type Tracer } from '@opentelemetry/api';
import type { TransferId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { SipCallIds, Tracing } from '../../ports/tracing.js';
import { traceHeaders } from './trace-headers.js';
import { TransferTrace, type TransferEvent } from './transfer-trace.js';

type Requested = Extract<TransferEvent, { type: 'transfer.requested' }>;

/**
 * Spans by the OpenTelemetry API: one per transfer, one per attempt in it. Without an SDK in the process the API hands
 * out spans that are nothing, and nothing is kept.
 */
export function createOtelTracing(options: { readonly version: string }): Tracing {
  const tracer = trace.getTracer('switchhook', options.version);
  const calls = new WeakMap<object, Map<TransferId, TransferTrace>>();
  const headers = new WeakMap<PublishedEvent, Readonly<Record<string, string>>>();
  return {
    told: (event, call, sip) => {
      if (!isOfTransfer(event)) return;
      const transfers = calls.get(call) ?? new Map<TransferId, TransferTrace>();
      const known = transfers.get(event.data.transferId) ?? begun(tracer, event, sip);
      if (known === null) return;
      transfers.set(event.data.transferId, known);
      calls.set(call, transfers);
      known.told(event, sip);
      headers.set(event, traceHeaders(known.spanContext));
    },
    headers: (event) => headers.get(event) ?? {},
  };
}

const isOfTransfer = (event: PublishedEvent): event is TransferEvent => 'transferId' in event.data;

/** A child of what is under way where the transfer is asked for: the API request, where HTTP is traced too. */
function begun(tracer: Tracer, event: TransferEvent, sip: SipCallIds): TransferTrace | null {
  // The trace of a transfer that began in another engine ended with that engine.
  if (event.type !== 'transfer.requested') return null;
  const span = tracer.startSpan(
    'transfer',
    { kind: SpanKind.INTERNAL, startTime: new Date(event.time), attributes: attributesOf(event, sip) },
    context.active(),
  );
  return isSpanContextValid(span.spanContext()) ? new TransferTrace(tracer, span) : null;
}

/** Ids and names of the configuration; a number, an address or anything a caller says is no attribute. */
const attributesOf = ({ callId, channel, data }: Requested, sip: SipCallIds) => ({
  'switchhook.call_id': callId,
  'switchhook.channel': channel,
  'switchhook.transfer_id': data.transferId,
  'switchhook.mode': data.method,
  'switchhook.targets': data.targets.length,
  ...(sip.caller !== null && { 'sip.call_id': sip.caller }),
});

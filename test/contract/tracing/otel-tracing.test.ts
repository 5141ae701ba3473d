import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOtelTracing } from '../../../src/adapters/tracing/otel-tracing.js';
import type { BotEvent } from '../../../src/domain/bot-event.js';
import type { PublishedEvent } from '../../../src/ports/bot-runtime.js';
import type { SipCallIds } from '../../../src/ports/tracing.js';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const TRANSFER = { transferId: 'tr_1', sessionId: 's' };
const ATTEMPT = { n: 1, of: 1, target: '+16125550123', method: 'invite', trunk: 'carrier', because: null };
const EVIDENCE = {
  ...{ sipCode: 200, sipReason: 'OK +16125550123', q850: 16 },
  ...{ phase: 'bridge', decidedBy: 'far_end', attempt: 1 },
};
const DIALOGS: SipCallIds = { caller: 'abc@caller', target: null };

/** An event after so many seconds; what the tests say nothing about is not there. */
const told = (type: BotEvent['type'], data: object, seconds: number): PublishedEvent =>
  ({
    ...{ id: `evt_${type}`, seq: 1, callId: 'call_1', channel: 'line', type },
    ...{ time: new Date(START + seconds * 1000).toISOString(), data: { ...TRANSFER, ...data } },
  }) as unknown as PublishedEvent; // A whole event of every type would hide what matters here.

const requested = (seconds = 0) =>
  told('transfer.requested', { method: 'auto', targets: ['+16125550123'] }, seconds);

const seconds = ({ startTime, endTime }: ReadableSpan): number[] =>
  [startTime, endTime].map(([s, ns]) => s + ns / 1e9 - START / 1000);

describe('with an SDK in the process', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  beforeEach(() => {
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    exporter.reset();
  });
  afterEach(() => {
    trace.disable();
    context.disable();
  });

  it('a transfer is a span with its outcome, its attempts are spans in it', () => {
    const tracing = createOtelTracing({ version: '1.2.3' });
    const call = {};
    const hears = (event: PublishedEvent, sip = DIALOGS) => tracing.told(event, call, sip);
    const ringing = { ...DIALOGS, target: 'def@us' };
    hears(requested());
    hears(told('transfer.attempt.started', { attempt: ATTEMPT }, 1));
    const failure = { outcome: 'busy', evidence: { ...EVIDENCE, sipCode: 486, phase: 'invite' } };
    hears(told('transfer.attempt.ended', { attempt: ATTEMPT, ...failure }, 2), ringing);
    const second = { ...ATTEMPT, n: 2, because: 'busy' };
    hears(told('transfer.attempt.started', { attempt: second }, 3));
    hears(told('transfer.attempt.ringing', { attempt: second, sipCode: 183 }, 4), ringing);
    hears(told('transfer.attempt.answered', { attempt: second, answeredBy: '+16125550123' }, 5), ringing);
    hears(told('transfer.bridged', { attempt: second }, 6));
    hears(told('transfer.completed', { outcome: 'answered', evidence: EVIDENCE }, 60));
    const [one, two, whole] = exporter.getFinishedSpans();
    expect([one, two, whole].map((s) => [s?.name, s?.status.code])).toEqual([
      ['attempt invite', SpanStatusCode.ERROR],
      ['attempt invite', SpanStatusCode.OK],
      ['transfer', SpanStatusCode.OK],
    ]);
    expect([one!, two!, whole!].map(seconds)).toEqual([
      [1, 2],
      [3, 60],
      [0, 60],
    ]);
    const { traceId, spanId } = whole!.spanContext();
    for (const attempt of [one!, two!])
      expect([attempt.spanContext().traceId, attempt.parentSpanContext?.spanId]).toEqual([traceId, spanId]);
    expect(whole?.attributes).toEqual({
      'switchhook.call_id': 'call_1',
      'switchhook.channel': 'line',
      'switchhook.transfer_id': 'tr_1',
      'switchhook.mode': 'auto',
      'switchhook.targets': 1,
      'switchhook.result': 'completed',
      'switchhook.outcome': 'answered',
      'switchhook.phase': 'bridge',
      'switchhook.decided_by': 'far_end',
      'sip.call_id': 'abc@caller',
      'sip.status_code': 200,
      'sip.q850': 16,
    });
    expect(one?.attributes).toMatchObject({
      ...{ 'sip.call_id': 'def@us', 'sip.status_code': 486 },
      ...{ 'switchhook.outcome': 'busy', 'switchhook.trunk': 'carrier', 'switchhook.attempt': 1 },
    });
    expect(two?.events.map((e) => e.name)).toEqual(['ringing', 'answered']);
    const all = JSON.stringify([one, two, whole].map((s) => [s?.name, s?.attributes, s?.events, s?.status]));
    expect(all).not.toContain('6125550123');
  });

  it('the dialog of an attempt by REFER is the caller’s', () => {
    const tracing = createOtelTracing({ version: '1' });
    const call = {};
    const attempt = { ...ATTEMPT, method: 'refer' };
    for (const event of [
      requested(),
      told('transfer.attempt.started', { attempt }, 1),
      told('transfer.attempt.ended', { attempt, outcome: 'declined', evidence: EVIDENCE }, 2),
    ])
      tracing.told(event, call, { caller: 'abc', target: 'of an earlier INVITE' });
    expect(exporter.getFinishedSpans()[0]?.attributes['sip.call_id']).toBe('abc');
  });

  it('it is a child of what asked for it, and its events carry it on to the bot', () => {
    const tracing = createOtelTracing({ version: '1' });
    const call = {};
    const request = provider.getTracer('http').startSpan('POST /v1/calls');
    const asked = requested();
    context.with(trace.setSpan(context.active(), request), () => tracing.told(asked, call, DIALOGS));
    const failed = told('transfer.failed', { outcome: 'busy', evidence: EVIDENCE }, 1);
    tracing.told(failed, call, DIALOGS);
    const [span] = exporter.getFinishedSpans();
    expect(span?.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
    const { traceId, spanId } = span!.spanContext();
    expect(traceId).toBe(request.spanContext().traceId);
    for (const event of [asked, failed])
      expect(tracing.headers(event)).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
    expect(tracing.headers(told('transfer.failed', {}, 1))).toEqual({});
  });

  it('events of a transfer that began elsewhere, and of no transfer, are in no trace', () => {
    const tracing = createOtelTracing({ version: '1' });
    const late = told('transfer.failed', { outcome: 'unknown', evidence: EVIDENCE }, 1);
    const started = { ...told('call.started', {}, 0), data: { from: 'a', to: 'b', trunk: 't' } };
    for (const event of [late, started as PublishedEvent]) {
      tracing.told(event, {}, DIALOGS);
      expect(tracing.headers(event)).toEqual({});
    }
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});

it('without one there are no headers, and nothing goes on', () => {
  expect(propagation.fields()).toEqual([]);
  const tracing = createOtelTracing({ version: '1' });
  const event = requested();
  tracing.told(event, {}, DIALOGS);
  expect(tracing.headers(event)).toEqual({});
});

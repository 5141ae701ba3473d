import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type App } from '../../src/app/app.js';
import { loadConfig } from '../../src/config/load-config.js';
import { eventually } from '../support/eventually.js';
import { sdp, SipPhone, type Address, type PhoneCall } from '../support/sip-phone/index.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const root = resolve(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

const NUMBER = '+16125550199';

const yaml = (bot: string, proxy: string, events: string): string => `
sip: { server: embedded, listen: [ "udp:127.0.0.1:0" ] }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: silent }
drainMs: 0
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "${proxy}", pingMs: 60000 } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${bot}", events: { url: "${events}", dialect: native } }
`;

/** A metric's name, or \`name{labels}\`, with its value. */
type Page = ReadonlyMap<string, number>;

describe('an engine that is looked at', { timeout: 60_000 }, () => {
  const exporter = new InMemorySpanExporter();
  let app: App;
  let events: WebhookReceiver;
  let [caller, bot, target]: SipPhone[] = [];

  beforeAll(async () => {
    const spanProcessors = [new SimpleSpanProcessor(exporter)];
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    events = await WebhookReceiver.start();
    const open = (user: string) => SipPhone.open({ user, timeoutMs: 10_000 });
    [caller, bot, target] = await Promise.all([open('16125550188'), open('bot'), open('carrier')]);
    const config = yaml(bot.uri, target.uri.replace('carrier@', ''), events.url);
    app = await startApp(loadConfig({ file: 'observed.yaml', env: {}, readFile: () => config }));
  });
  afterAll(async () => {
    await app.stop(0);
    await Promise.all([events.stop(), caller!.close(), bot!.close(), target!.close()]);
    trace.disable();
    context.disable();
  });

  const sip = (): Address => {
    const [udp = ''] = app.sip;
    return { proto: 'udp', host: '127.0.0.1', port: Number(udp.slice(udp.lastIndexOf(':') + 1)) };
  };

  async function page(): Promise<Page> {
    const body = await (await fetch(`${app.apiUrl}/metrics`)).text();
    const lines = body.split('\n').filter((line) => line !== '');
    const names = lines.flatMap((l): [string, number][] =>
      (/^# TYPE (\S+)/.exec(l) ?? []).slice(1).map((n) => [n, 0]),
    );
    const samples = lines.flatMap((l): [string, number][] => {
      const at = l.lastIndexOf(' ');
      return l.startsWith('#') ? [] : [[l.slice(0, at), Number(l.slice(at + 1))]];
    });
    return new Map([...names, ...samples]);
  }

  interface Talking {
    readonly from: PhoneCall;
    readonly with: PhoneCall;
    readonly callId: string;
    readonly sipCallId: string;
  }

  async function talking(): Promise<Talking> {
    const from = caller!.call(sip(), { to: '18005550100' });
    const { callId: sipCallId } = from.invite();
    const invite = await bot!.expect('INVITE');
    const callId = invite.get('x-switchhook-call') ?? '';
    const talk = bot!.answering(invite);
    talk.accept(invite, { body: sdp({ port: 50000 }) });
    from.ack(await from.expect(200));
    await talk.expect('ACK');
    return { from, with: talk, callId, sipCallId };
  }

  /** The INVITE the carrier gets for a transfer of this call. */
  async function transferred(callId: string) {
    const answer = await fetch(`${app.apiUrl}/v1/calls/${callId}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: { phoneNumber: NUMBER } }),
    });
    expect(answer.status).toBe(202);
    const invite = await target!.expect('INVITE');
    return { invite, leg: target!.answering(invite) };
  }

  const told = (type: string, callId: string) =>
    events.received.find(({ json }) => json['type'] === type && json['callId'] === callId);

  it('counts a transfer that is answered, while it lasts and afterwards', async () => {
    const call = await talking();
    const { invite, leg } = await transferred(call.callId);
    leg.respond(invite, 180);
    await eventually(async () => (await page()).get('transfers_active{phase="dialling"}')).toBe(1);
    leg.accept(invite, { body: sdp({ port: 60000 }) });
    await leg.expect('ACK');
    const moved = await call.from.expect('INVITE');
    call.from.accept(moved, { body: sdp({ port: 40000, version: moved.cseq }) });
    await call.from.expect('ACK');
    call.with.respond(await call.with.expect('BYE'), 200);
    await eventually(async () => (await page()).get('transfers_active{phase="withTarget"}')).toBe(1);
    await eventually(async () => (await page()).get('legs_open')).toBe(2);
    const during = await page();
    expect(during.get('calls_active{dir="in"}')).toBe(1);
    expect(during.get('calls_active{dir="out"}')).toBe(1);
    expect(during.get('transfer_caller_silence_seconds_count')).toBe(1);
    expect(during.get('transfer_caller_silence_seconds_sum')).toBeGreaterThan(0);
    leg.bye();
    await leg.expect(200);
    call.from.respond(await call.from.expect('BYE'), 200);
    await eventually(() => told('call.ended', call.callId) !== undefined).toBe(true);
    const after = await page();
    for (const gauge of [
      'legs_open',
      'calls_active{dir="in"}',
      'calls_active{dir="out"}',
      'transfers_active{phase="withTarget"}',
    ])
      expect([gauge, after.get(gauge)]).toEqual([gauge, 0]);
    const labels = 'mode="invite",result="completed"';
    expect(after.get(`transfer_outcomes_total{${labels},reason="answered"}`)).toBe(1);
    expect(after.get(`transfer_duration_seconds_count{${labels}}`)).toBe(1);
    expect(after.get('transfer_attempts_total{mode="invite",trunk="carrier"}')).toBe(1);
    expect(after.get('calls_total{channel="line"}')).toBe(1);
    expect(after.get('webhook_seconds_count{kind="event",result="delivered"}')).toBeGreaterThan(5);
    expect(after.get('dependency_up{name="signalling"}')).toBe(1);
    expect([...after.keys()].find((key) => key.startsWith('build_info{version="'))).toBeDefined();
    expect(after.get('event_loop_lag_seconds')).toBeGreaterThanOrEqual(0);
    for (const zero of ['leaks_total{kind="leg"}', 'leaks_total{kind="timer"}', 'teardown_overdue_total'])
      expect([zero, after.get(zero)]).toEqual([zero, 0]);
  });

  it('traces a transfer that fails: the dialogs, the outcome, and the way on to the bot, but no number', async () => {
    exporter.reset();
    const call = await talking();
    const { invite, leg } = await transferred(call.callId);
    leg.respond(invite, 180);
    leg.respond(invite, 486);
    await leg.expect('ACK');
    await eventually(() => told('transfer.failed', call.callId) !== undefined).toBe(true);
    const [attempt, whole] = exporter.getFinishedSpans();
    const { traceId, spanId } = whole!.spanContext();
    expect(told('transfer.failed', call.callId)?.headers['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
    expect(told('call.started', call.callId)?.headers).not.toHaveProperty('traceparent');
    expect(whole?.attributes).toMatchObject({
      ...{ 'switchhook.call_id': call.callId, 'switchhook.outcome': 'busy' },
      ...{ 'sip.call_id': call.sipCallId, 'sip.status_code': 486 },
    });
    expect(attempt?.attributes['sip.call_id']).toBe(invite.get('call-id'));
    expect(attempt?.parentSpanContext?.spanId).toBe(spanId);
    const all = JSON.stringify(exporter.getFinishedSpans().map(shown));
    for (const number of [NUMBER.slice(1), '16125550188', '18005550100']) expect(all).not.toContain(number);
    call.from.bye();
    await call.from.expect(200);
    call.with.respond(await call.with.expect('BYE'), 200);
    expect((await page()).get('transfer_outcomes_total{mode="invite",result="failed",reason="busy"}')).toBe(
      1,
    );
  });

  it('has every metric the dashboard and the alert rules ask for, and the dashboard shows all of them', async () => {
    const there = new Set([...(await page()).keys()].filter((key) => !key.includes('{')));
    const dashboard = JSON.parse(text('ops/grafana/switchhook.json')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const shownThere = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = parse(text('ops/prometheus/alerts.yml')) as { groups: { rules: { expr: string }[] }[] };
    const alerts = rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr));
    const missing = (exprs: readonly string[]) =>
      exprs.flatMap(metricsIn).filter((name) => name !== 'up' && !there.has(name));
    expect(missing(shownThere)).toEqual([]);
    expect(missing(alerts)).toEqual([]);
    expect(missing(['sum(rate(no_such_metric_total[5m]))'])).toEqual(['no_such_metric_total']);
    const documented = [...text('docs/metrics.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
    const drawn = new Set(shownThere.flatMap(metricsIn));
    expect(documented.filter((name) => !drawn.has(name))).toEqual([]);
    expect(documented.filter((name) => !there.has(name))).toEqual([]);
  });
});

const shown = ({ name, attributes, events, status }: ReadableSpan): object => ({
  name,
  attributes,
  events,
  status,
});

/** Names of metrics in PromQL, of histograms that of the whole. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/\{[^}]*\}/g, '{}')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/[a-z_]\w*(?!\w*\s*\()/gi)].map(([name]) => name);
  return names
    .filter((name) => !['and', 'or', 'unless', 'e'].includes(name))
    .map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
}

import { describe, expect, it } from 'vitest';
import { buildInvite } from '../../src/adapters/drachtio/invite.js';
import type { TransferCommand } from '../../src/domain/command.js';
import type { TransferPlan } from '../../src/domain/plan.js';
import { explainPlan } from '../../src/domain/routing/layers.js';
import { dryRunOf } from '../../src/engine/dry-run.js';
import { channelOf, commandOf, invite, RoutingBench } from '../support/routing-bench.js';

const LISTENING = ['udp:[2001:db8::7]:5060', 'udp:10.0.0.7:5060', 'tcp:10.0.0.7:5062'];
const NUMBER = { phoneNumber: '+16125550123' } as const;
type Command = Partial<TransferCommand> & Pick<TransferCommand, 'targets'>;

function dryRun(bench: RoutingBench, wanted: Command, plan: TransferPlan = bench.plan(wanted)) {
  const { settings } = bench;
  const command = commandOf(wanted);
  const layers = explainPlan(settings, channelOf(settings), command);
  return dryRunOf(plan, layers, { settings, command, listening: LISTENING, maxForwards: 69, redirect: null });
}

const messages = (bench: RoutingBench, command: Command): readonly string[] =>
  dryRun(bench, command).targets.flatMap(({ ways }) =>
    ways.flatMap(({ requests }) => requests.map(({ sip }) => sip)),
  );

const lines = (...all: string[]): string => all.join('\r\n');

describe('the SIP of a dry run', () => {
  it('an INVITE with the headers of the command, the recipe and User-to-User', () => {
    const bench = new RoutingBench({ carrier: 'callerId: { policy: bot, recipe: pai }' });
    const [sip] = messages(bench, {
      targets: [NUMBER],
      headers: [['callReason', 'support']],
      userToUser: { data: 'hi', encoding: 'text' },
    });
    expect(sip).toBe(
      lines(
        'INVITE sip:+16125550123@10.0.0.1:5080 SIP/2.0',
        'Via: SIP/2.0/UDP 10.0.0.7:5060;rport;branch={branch}',
        'Max-Forwards: 69',
        'From: <sip:18005550100@10.0.0.7:5060>;tag={tag}',
        'To: <sip:+16125550123@10.0.0.1:5080>',
        'Call-ID: {call-id}',
        'CSeq: {cseq} INVITE',
        'Contact: <sip:10.0.0.7:5060>',
        'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK, NOTIFY, REFER',
        'Supported: replaces, norefersub',
        'callReason: support',
        'User-to-User: 6869;encoding=hex',
        'P-Asserted-Identity: <sip:18005550100@10.0.0.1>',
        'Content-Type: application/sdp',
        'Content-Length: {length}',
        '',
        '{sdp}',
      ),
    );
  });

  it('a REFER inside the dialog of the caller', () => {
    const bench = new RoutingBench({ carrier: 'transfer: { refer: yes }' });
    const command = {
      targets: [NUMBER],
      method: 'refer',
      referredBy: '<sip:bot@h>',
      headers: [['X-A', '1']],
    } as const;
    expect(messages(bench, command)).toEqual([
      lines(
        'REFER {remote-target} SIP/2.0',
        'Via: {via};branch={branch}',
        'Max-Forwards: 70',
        'From: {local};tag={tag}',
        'To: {remote};tag={tag}',
        'Call-ID: {call-id}',
        'CSeq: {cseq} REFER',
        'Contact: {contact}',
        'X-A: 1',
        'Refer-To: <sip:+16125550123@10.0.0.1:5080>',
        'Referred-By: <sip:bot@h>',
        'Content-Length: 0',
        '',
        '',
      ),
    ]);
  });

  it('a BYE that tells the network in front of us where to', () => {
    const command = { targets: [{ queue: 'support' }], method: 'bye', reason: 'user "asked"' } as const;
    const [sip] = messages(new RoutingBench(), command);
    expect(sip?.split('\r\n').slice(7)).toEqual([
      'Reason: SIP;cause=200;text="user  asked "',
      'X-Transfer-Session: agent_transfer:t:call_c:line',
      'X-Transfer-To: queue:support',
      'X-Transfer-Reason: user "asked"',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  it.each([
    [
      'sip:10.0.0.1;transport=tcp',
      'Via: SIP/2.0/TCP 10.0.0.7:5062;',
      'Contact: <sip:10.0.0.7:5062;transport=tcp>',
    ],
    ['sip:[2001:db8::1]', 'Via: SIP/2.0/UDP [2001:db8::7]:5060;', 'Contact: <sip:[2001:db8::7]:5060>'],
    [
      'sip:[2001:db8::1];transport=tcp',
      'Via: SIP/2.0/TCP 10.0.0.7:5062;',
      'Contact: <sip:10.0.0.7:5062;transport=tcp>',
    ],
    ['sips:10.0.0.1', 'Via: SIP/2.0/TLS {address};', 'Contact: <sip:{address};transport=tls>'],
  ])('towards %s leaves by its transport and kind of address', (host, via, contact) => {
    const bench = new RoutingBench({ more: 'policy: { allow: { hosts: [ "10.0.0.1", "[2001:db8::1]" ] } }' });
    const [sip] = messages(bench, { targets: [{ sipUri: host }] });
    expect(sip).toContain(`\r\n${via}`);
    expect(sip).toContain(`\r\n${contact}\r\n`);
  });

  it('carries exactly what the adapter puts into a real INVITE', () => {
    const bench = new RoutingBench({
      carrier: 'callerId: { policy: fixed, number: "+18005550100", recipe: diversion }',
    });
    const command = {
      targets: [NUMBER],
      headers: [
        ['X-A', 'ä "b"'],
        ['callReason', 'x'],
      ],
    } as const;
    const { branches } = invite(bench.ways(command)[0]);
    const request = { target: branches[0], tap: () => undefined, allows: () => true, sdp: 'v=0' };
    const real = buildInvite(request, '10.0.0.7');
    if (typeof real === 'string') throw new Error(real);
    const shown = messages(bench, command)[0]?.split('\r\n') ?? [];
    for (const [name, value] of Object.entries(real.headers)) {
      const from = name === 'From' ? `${value.replace('localhost', '10.0.0.7:5060')};tag={tag}` : value;
      expect(shown).toContain(`${name}: ${from}`);
    }
    const written = ['Via', 'Max-Forwards', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Length'];
    const names = shown.slice(1, shown.indexOf('')).map((line) => line.slice(0, line.indexOf(':')));
    expect(names.filter((name) => !written.includes(name)).sort()).toEqual(Object.keys(real.headers).sort());
  });
});

describe('what a dry run says beside it', () => {
  it('every way in order, with its reason, trunk and budget', () => {
    const bench = new RoutingBench({
      carrier: 'failover: [ second ], headerBudget: { count: 4, bytes: 500 }',
      trunks: '  second: { allow: [ "::1" ], proxy: "sip:10.0.0.2" }',
    });
    const [target] = dryRun(bench, {
      targets: [NUMBER],
      headers: [['X-A', 'ä']],
      ringTimeoutMs: 5000,
    }).targets;
    expect(target).toMatchObject({ target: '+16125550123', ringTimeoutMs: 5000 });
    expect(target?.ways.map(({ method, trunk, after }) => [method, trunk, after])).toEqual([
      ['invite', 'carrier', null],
      ['invite', 'carrier', 'caller_id_refused'],
      ['invite', 'second', 'trunk_failed'],
    ]);
    expect(target?.ways[0]?.headerBudget).toEqual({ count: 1, bytes: 9, maxCount: 4, maxBytes: 500 });
  });

  it('all members of a queue that ring together, with their own limit', () => {
    const bench = new RoutingBench({
      more: `targets:
  queues: { all: { members: [ "sip:a@10.0.0.9", "sip:b@10.0.0.9" ], strategy: ringAll, maxWaitMs: 7000 } }`,
    });
    const [target] = dryRun(bench, { targets: [{ queue: 'all' }] }).targets;
    expect(target?.ringTimeoutMs).toBe(7000);
    expect(target?.ways[0]?.headerBudget).toBeNull();
    expect(target?.ways[0]?.requests.map(({ to, sip }) => [to, sip.split(' ')[1]])).toEqual([
      ['sip:a@10.0.0.9', 'sip:a@10.0.0.9'],
      ['sip:b@10.0.0.9', 'sip:b@10.0.0.9'],
    ]);
  });

  it('keys pressed after the answer', () => {
    const bench = new RoutingBench({ carrier: 'transfer: { dtmfInfo: true }' });
    const [target] = dryRun(bench, { targets: [{ ...NUMBER, postDial: 'ww1' }] }).targets;
    expect(target?.ways[0]?.requests[0]?.postDial).toBe('ww1');
  });

  it('who decided each value, with rules as users write them', () => {
    const bench = new RoutingBench({
      channel:
        'transfer: { ringTimeoutMs: 9000, onFailure: [ { match: [ busy ], action: goto, node: Sorry } ] }',
    });
    const { layers } = dryRun(bench, { targets: [NUMBER], returnToBot: true });
    const of = (field: string) => layers.find((layer) => layer.field === field);
    expect(of('returnToBot')).toEqual({ field: 'returnToBot', value: true, layer: 'command' });
    expect(of('ringTimeoutMs')).toEqual({ field: 'ringTimeoutMs', value: 9000, layer: 'channel' });
    expect(of('method')).toEqual({ field: 'method', value: 'auto', layer: 'default' });
    expect(of('numberFormat')).toMatchObject({ layer: 'trunk' });
    expect(of('onFailure')).toEqual({
      field: 'onFailure',
      value: [{ match: ['busy'], action: 'goto', node: 'Sorry' }],
      layer: 'channel',
    });
  });
});

import { expect, it } from 'vitest';
import type { LadderEntry } from '../../../ports/ladder.js';
import { ladderMermaid } from './ladder-mermaid.js';
import { ladderText } from './ladder-text.js';

const at = (ms: number, leg: string, direction: 'in' | 'out', text: string, sdp = false): LadderEntry => ({
  at: 1_000_000 + ms,
  leg,
  direction,
  text,
  sdp,
  peer: leg === 'caller' ? '192.0.2.7:5060' : null,
});

const call = [
  at(0, 'caller', 'in', 'INVITE', true),
  at(12, 'bot', 'out', 'INVITE', true),
  at(40, 'bot', 'in', '200 OK (INVITE)', true),
  at(1500, 'agent-1', 'out', 'INVITE', true),
  at(1750, 'agent-1', 'in', '486 Busy Here (INVITE)'),
  at(61_000, 'caller', 'out', 'BYE'),
];

it('draws one column per leg, arrows both ways and times from the start', () => {
  expect(`\n${ladderText(call)}`).toMatchInlineSnapshot(`
    "
                          caller                     switchhook                       bot                        agent-1
                      192.0.2.7:5060
       +0.000                |------- INVITE (SDP) ------>|                            |                            |
       +0.012                |                            |------- INVITE (SDP) ------>|                            |
       +0.040                |                            |<- 200 OK (INVITE) (SDP) ---|                            |
       +1.500                |                            |--------------------- INVITE (SDP) --------------------->|
       +1.750                |                            |<--------------- 486 Busy Here (INVITE) -----------------|
      +61.000                |<---------- BYE ------------|                            |                            |
    "
  `);
});

it('an arrow touches the lines of its two ends', () => {
  for (const line of ladderText(call).split('\n').slice(2, -1)) {
    expect(line).toMatch(/\|-.*>\||\|<-.*\|/);
  }
});

it('draws nothing but our column for a call without messages', () => {
  expect(ladderText([])).toMatch(/^ +switchhook\n\n$/);
  expect(ladderMermaid([])).toBe('sequenceDiagram\n  participant p0 as switchhook\n');
});

it('writes a Mermaid sequence diagram', () => {
  expect(`\n${ladderMermaid(call)}`).toMatchInlineSnapshot(`
    "
    sequenceDiagram
      participant p0 as caller
      participant p1 as switchhook
      participant p2 as bot
      participant p3 as agent-1
      p0->>p1: +0.000 INVITE (SDP)
      p1->>p2: +0.012 INVITE (SDP)
      p2->>p1: +0.040 200 OK (INVITE) (SDP)
      p1->>p3: +1.500 INVITE (SDP)
      p3->>p1: +1.750 486 Busy Here (INVITE)
      p1->>p0: +61.000 BYE
    "
  `);
});

it('lets nothing from the network break out', () => {
  const nasty = [at(0, 'caller', 'in', '486 \u001b[31mred\r\n; <b>#1')];
  expect(ladderText(nasty)).not.toMatch(/[\u001b\r]/);
  expect(ladderMermaid(nasty)).toContain('486 ?[31mred??#59; #60;b#62;#35;1');
  expect(ladderMermaid(nasty).trim().split('\n')).toHaveLength(4);
});

it('cuts a label that is wider than the widest column', () => {
  const long = ladderText([at(0, 'caller', 'in', 'X'.repeat(200))]);
  expect(Math.max(...long.split('\n').map((l) => l.length))).toBeLessThan(180);
  expect(long).toContain('XX..');
});

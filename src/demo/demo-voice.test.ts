import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { demoConfig } from './demo-config.js';
import { demoVoice } from './demo-voice.js';

let path = '';
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'switchhook-path-'));
});
afterEach(() => rmSync(path, { recursive: true }));

function install(program: string): void {
  writeFileSync(join(path, program), '#!/bin/sh\n');
  chmodSync(join(path, program), 0o755);
}

const speech = (): unknown => {
  const addresses = {
    api: '127.0.0.1:8080',
    botUri: 'sip:127.0.0.1:5090',
    eventsUrl: 'http://127.0.0.1:9000/events',
    webhookUrl: 'http://127.0.0.1:9001/bot',
    secret: `whsec_${Buffer.alloc(32).toString('base64')}`,
    phones: '127.0.0.1:5080',
    recordings: path,
  };
  return demoConfig(addresses, demoVoice(path), path).sounds.speech;
};

it('speaks where something can', () => {
  install('espeak-ng');
  expect(demoVoice(path).words).toBe('spoken by espeak-ng');
  expect(speech()).toMatchObject({
    kind: 'command',
    command: expect.arrayContaining(['espeak-ng']) as unknown,
  });
});

it('plays a file of ours for every text where nothing speaks, and says which', () => {
  install('cat');
  expect(demoVoice(path).words).toContain('config/sounds/sorry.wav');
  expect(speech()).toMatchObject({
    command: ['cat', expect.stringMatching(/\/config\/sounds\/sorry\.wav$/)],
  });
});

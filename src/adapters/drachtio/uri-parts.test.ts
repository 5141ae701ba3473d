import { describe, expect, it } from 'vitest';
import { uriParts } from './uri-parts.js';

describe('user and host of any URI', () => {
  it.each([
    ['sip:bob@Example.COM', 'bob', 'example.com'],
    ['sips:bob@h:5061;transport=tcp?x=y', 'bob', 'h'],
    ['sip:+1612;phone-context=x@h', '+1612', 'h'],
    ['sip:bob:secret@h', 'bob', 'h'],
    ['sip:h:5060', '', 'h'],
    ['sip:b%40b@h', 'b@b', 'h'],
    ['sip:b%zz@h', 'b%zz', 'h'],
    ['sip:bob@[2001:DB8::1]:5060', 'bob', '[2001:db8::1]'],
    ['tel:+1-612;ext=1', '+1-612', ''],
    ['TEL:5', '5', ''],
    ['nonsense', '', ''],
    ['sip:', '', ''],
    ['', '', ''],
  ])('%s', (uri, user, host) => {
    expect(uriParts(uri)).toEqual({ user, host });
  });
});

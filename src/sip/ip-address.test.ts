import { describe, expect, it } from 'vitest';
import { cidrContains, parseCidr } from './cidr.js';
import { isLoopback, parseAddress, parseIpv4, parseIpv6 } from './ip-address.js';

describe('IP addresses', () => {
  it.each(['0.0.0.0', '127.0.0.1', '255.255.255.255'])('reads %s', (text) => {
    expect(parseIpv4(text)?.join('.')).toBe(text);
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1..2.3', '1.2.3.4 ', '0x7f.1.1.1'])(
    'refuses %j as IPv4',
    (text) => expect(parseIpv4(text)).toBeUndefined(),
  );

  it.each([
    ['::', Array(16).fill(0)],
    ['::1', [...Array<number>(15).fill(0), 1]],
    ['2001:db8::ff', [0x20, 1, 0x0d, 0xb8, ...Array<number>(11).fill(0), 0xff]],
    ['::ffff:1.2.3.4', [...Array<number>(10).fill(0), 255, 255, 1, 2, 3, 4]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
  ])('reads %s', (text, bytes) => expect(parseIpv6(text)).toEqual(bytes));

  it.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '1.2.3.4::',
    'fe80::1%eth0',
  ])('refuses %j as IPv6', (text) => expect(parseIpv6(text)).toBeUndefined());

  it('takes an IPv4-mapped address for the IPv4 address it is', () => {
    expect(parseAddress('::ffff:10.1.2.3')).toEqual([10, 1, 2, 3]);
  });

  it('knows loopback', () => {
    expect(
      ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1'].every(isLoopback),
    ).toBe(true);
    expect(['0.0.0.0', '10.0.0.1', '::', 'example.com', '[::2]', ''].some(isLoopback)).toBe(false);
  });
});

describe('CIDR blocks', () => {
  it.each([
    ['127.0.0.1/32', '127.0.0.1', true],
    ['127.0.0.1/32', '127.0.0.2', false],
    ['10.0.0.0/9', '10.127.255.255', true],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['10.0.0.0/8', '::ffff:10.1.1.1', true],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '::1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', 'nonsense', false],
  ])('%s holds %s: %s', (block, address, holds) => {
    const cidr = parseCidr(block);
    expect(cidr !== undefined && cidrContains(cidr, address)).toBe(holds);
  });

  it.each(['', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '::/129', '10.0.0.0/-1', '10.0.0.0/8/8'])(
    'refuses %j',
    (text) => expect(parseCidr(text)).toBeUndefined(),
  );
});

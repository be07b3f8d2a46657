import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from '../../../gateway/adapters/identity/public-address.ts';

const PLANTED = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
  '::FFFF:7F00:1',
  '::10.0.0.1',
  '64:ff9b::a00:1',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::a00:1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:a00:1::',
  '3fff::1',
  '4000::1',
  '',
  'localhost',
  '1.2.3',
];

for (const address of PLANTED)
  test(`no machine of the public internet: "${address}"`, () => {
    assert.equal(isPublicAddress(address), false);
  });

test('addresses of the public internet are allowed, also inside an IPv6 one', () => {
  for (const address of [
    '9.9.9.9',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '::ffff:9.9.9.9',
    '64:ff9b::909:909',
  ])
    assert.equal(isPublicAddress(address), true, address);
});
